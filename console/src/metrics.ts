/** What the service counts, as one answer of `/metrics` in Prometheus's text format says it. */

type Labels = Record<string, string>

const SAMPLE = /^tagwatch_(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

export class Metrics {
  readonly #samples: { name: string; labels: Labels; value: number }[] = []

  /** `at`: when it was asked for, in milliseconds of a clock that only goes on. */
  constructor(
    text: string,
    readonly at: number,
  ) {
    for (const line of text.split('\n')) {
      const { name, labels = '', value } = SAMPLE.exec(line)?.groups ?? {}
      if (!name) continue
      this.#samples.push({
        name,
        labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, label, said]) => [label, said])),
        value: Number(value),
      })
    }
  }

  /** The sum over all labels, or over those samples that have these. */
  sum(name: string, only: Labels = {}): number {
    const meant = this.#samples.filter(
      (sample) => sample.name === name && Object.entries(only).every(([label, value]) => sample.labels[label] === value),
    )
    return meant.reduce((sum, { value }) => sum + value, 0)
  }

  /** What a label says among the samples of a name, in order; numbers as numbers. */
  values(name: string, label: string): string[] {
    const said = this.#samples.filter((sample) => sample.name === name).map(({ labels }) => labels[label] ?? '')
    return [...new Set(said)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  }
}

/** What came to pass between two answers. */
export class Interval {
  constructor(
    private readonly before: Metrics,
    private readonly after: Metrics,
  ) {}

  /** How much a counter rose by; none where it fell, because the service began anew in between. */
  rise(name: string, only: Labels = {}): number | undefined {
    const rise = this.after.sum(name, only) - this.before.sum(name, only)
    return rise < 0 ? undefined : rise
  }

  /** How much a counter rose by in a second of the reader's time. */
  rate(name: string, only: Labels = {}): number | undefined {
    const rise = this.rise(name, only)
    const seconds = (this.after.at - this.before.at) / 1000
    return rise === undefined || seconds <= 0 ? undefined : rise / seconds
  }

  /** The mean of what a histogram observed; none where it observed nothing. */
  mean(histogram: string): number | undefined {
    const many = this.rise(`${histogram}_count`)
    const sum = this.rise(`${histogram}_sum`)
    return many && sum !== undefined ? sum / many : undefined
  }
}
