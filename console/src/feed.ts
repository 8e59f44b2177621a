/**
 * All alerts that are not dealt with, kept up to date from the live stream.
 *
 * An event says which alert changed and not how it now stands (its stage, what is listed under it, by when
 * somebody must be told), so the alerts of the wearers concerned are asked for again, together.
 */

import * as api from './api'
import type { Alert, LiveEvent } from './model'
import { title } from './words'

/** Changes are gathered for this long before they are asked for. */
const GATHER_MS = 400

/** With more wearers than this waiting (a token may ask 50 times a second), everything is asked for again in a few requests instead. */
const WEARERS_MAX = 12

/** Waits between attempts to connect again: twice as long each time. */
const RETRY_MS = { first: 1_000, longest: 15_000 }

export type Line = { state: 'connecting' } | { state: 'live' } | { state: 'lost'; since: number; why: string }

export class Feed extends EventTarget {
  readonly alerts = new Map<string, Alert>()
  line: Line = { state: 'connecting' }
  /** What could not be loaded, if anything. */
  incomplete = ''
  loaded = false

  /** `kinds`: all that there are, by which a list is asked for that is longer than the API gives at once. */
  constructor(private readonly kinds: string[]) {
    super()
  }

  /** Tries to connect now rather than later. */
  again: () => void = () => {}

  #after: string | undefined
  #dirty = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: Promise<void> = Promise.resolve()
  #stopped = new AbortController()

  /** Follows the stream until `stop`. */
  async run(): Promise<void> {
    let wait = RETRY_MS.first
    while (!this.#stopped.signal.aborted) {
      try {
        await api.stream(this.#after, this.#stopped.signal, (event) => {
          wait = RETRY_MS.first
          this.#heard(event.id, event.data)
        })
        this.#lost('the service ended the stream')
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        // Another installation, or one set up anew: what is shown is not about it.
        if (error instanceof api.Refusal && error.status === 409) this.#after = undefined
        this.#lost(error instanceof Error ? error.message : String(error))
      }
      await new Promise<void>((resume) => {
        this.again = resume
        setTimeout(resume, wait)
      })
      wait = Math.min(wait * 2, RETRY_MS.longest)
    }
  }

  stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#timer)
  }

  #heard(id: string, event: LiveEvent | undefined): void {
    const fresh = this.#after === undefined
    this.#after = id
    if (this.line.state !== 'live') {
      this.line = { state: 'live' }
      this.#changed()
    }
    if (fresh || !this.loaded) this.#ask(() => this.#loadAll())
    if (event) this.touch(event.decision.wearer)
  }

  #lost(why: string): void {
    if (this.line.state !== 'lost') this.line = { state: 'lost', since: Date.now(), why }
    this.#changed()
  }

  /** Asks for a wearer's alerts again. */
  touch(wearer: string): void {
    this.#dirty.add(wearer)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const wearers = [...this.#dirty]
      this.#dirty.clear()
      this.#ask(() => (wearers.length > WEARERS_MAX ? this.#loadAll() : this.#loadWearers(wearers)))
    }, GATHER_MS)
  }

  /** One question after another, so that an older answer never replaces a newer one. */
  #ask(question: () => Promise<void>): void {
    this.#asking = this.#asking.then(question).catch((error: unknown) => {
      this.incomplete = `The list may be out of date: ${error instanceof Error ? error.message : String(error)}`
      this.loaded = false // the next event, or the next connection, loads everything
      this.#changed()
    })
  }

  async #loadWearers(wearers: string[]): Promise<void> {
    const lists = await Promise.all(wearers.map((wearer) => api.alerts({ wearer })))
    for (const alert of lists.flat()) this.#keep(alert)
    await this.#loadHeads()
    this.#changed()
  }

  /** What alerts are listed under is about no wearer of theirs, and changes with them. */
  async #loadHeads(): Promise<void> {
    const missing = new Set<string>()
    for (const alert of this.alerts.values()) {
      if (alert.listed_under && !this.alerts.has(alert.listed_under)) missing.add(alert.listed_under)
    }
    const heads = await Promise.all([...missing].map((id) => api.alert(id)))
    for (const head of heads) this.#keep(head.record)
  }

  async #loadAll(): Promise<void> {
    const lists = await Promise.all([this.#loadStage('new'), this.#loadStage('acknowledged')])
    this.alerts.clear()
    for (const alert of lists.flat()) this.#keep(alert)
    this.loaded = true
    this.#changed()
  }

  async #loadStage(stage: 'new' | 'acknowledged'): Promise<Alert[]> {
    this.incomplete = ''
    const all = await api.alerts({ stage })
    if (all.length < api.LIST_MAX) return all
    const byKind: Alert[] = []
    for (const kind of this.kinds) {
      const some = await api.alerts({ stage, kind })
      if (some.length === api.LIST_MAX) {
        this.incomplete = `There are more than ${api.LIST_MAX} of “${title(kind)}”: the oldest are not shown.`
      }
      byKind.push(...some)
    }
    return byKind
  }

  #keep(alert: Alert): void {
    if (alert.triage.stage === 'resolved') this.alerts.delete(alert.alert)
    else this.alerts.set(alert.alert, alert)
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'))
  }
}
