/** The curve of alcohol that an ankle device measured, against the threshold it was held to. */

import { html, nothing, svg } from 'lit-html'
import { clockTime, fullTime } from '../clock'
import type { Evidence } from '../model'
import type { Content } from './dom'

const WIDTH = 1000
const HEIGHT = 260
const PAD = { left: 70, right: 16, top: 16, bottom: 34 }

/** The scale reaches at least this high, in mg/100 mL, so that noise does not look like a drinking episode. */
const SCALE_MIN = 40

export function curve({ readings = [], thresholds }: Evidence): Content {
  if (readings.length < 2) return nothing
  const points = readings.map((reading) => ({ at: Date.parse(reading.observed_at), tac: reading.tac }))
  const times = points.map((point) => point.at)
  const [from, to] = [Math.min(...times), Math.max(...times)]
  const top = Math.max(SCALE_MIN, thresholds?.tac ?? 0, ...points.map((point) => point.tac)) * 1.1
  const x = (at: number) => PAD.left + ((at - from) / Math.max(1, to - from)) * (WIDTH - PAD.left - PAD.right)
  const y = (tac: number) => HEIGHT - PAD.bottom - (tac / top) * (HEIGHT - PAD.top - PAD.bottom)
  const path = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(point.at).toFixed(1)} ${y(point.tac).toFixed(1)}`).join('')
  return html`<figure class="curve">
    <figcaption class="govuk-body">
      Transdermal alcohol in mg/100 mL${thresholds ? `; dashed: the threshold of ${thresholds.tac}` : ''}, ${fullTime(from)} to ${fullTime(to)}
    </figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Curve of ${points.length} readings, at most ${Math.max(...points.map((p) => p.tac))} mg/100 mL">
      ${[0, top / 2, top / 1.1].map((tac) => svg`<line class="curve__grid" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${y(tac)} y2=${y(tac)} />
        <text class="curve__label" x=${PAD.left - 8} y=${y(tac) + 6} text-anchor="end">${Math.round(tac)}</text>`)}
      ${thresholds ? svg`<line class="curve__threshold" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${y(thresholds.tac)} y2=${y(thresholds.tac)} />` : nothing}
      <path class="curve__line" d=${path} />
      ${points.map((point) => svg`<circle class="curve__point" cx=${x(point.at)} cy=${y(point.tac)} r="4"><title>${point.tac} at ${clockTime(point.at)}</title></circle>`)}
      <text class="curve__label" x=${PAD.left} y=${HEIGHT - 8}>${clockTime(from)}</text>
      <text class="curve__label" x=${WIDTH - PAD.right} y=${HEIGHT - 8} text-anchor="end">${clockTime(to)}</text>
    </svg>
  </figure>`
}
