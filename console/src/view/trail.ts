/** Where a wearer was: their last position and its age, and a span of time on a map, as far as a slider says. */

import type { Feature } from 'geojson'
import { html, nothing } from 'lit-html'
import type OlMap from 'ol/Map'
import * as api from '../api'
import { clockTime, fromLondon, now, span, speed } from '../clock'
import type { Fix, Instant, Position, Tiles } from '../model'
import { append, onwards } from '../positions'
import { errorSummary, messageOf, when, type Content } from './dom'

/** Without a position for so long, it is said loudly that nobody knows where the wearer is. */
const SILENT_MS = 15 * 60 * 1000

const DAY_MS = 24 * 60 * 60 * 1000

/** New positions are asked for this often by the tags' clock, but no more often than that by everybody's: each is a look into a trail. */
const REFRESH_MS = { tags: 30_000, least: 5_000 }

/** Tags that were out of reach send what they kept: what was between is asked for again after so many times. */
const WHOLE_EVERY = 10

/** The way of so many fixes is on the map at once: an hour of one a minute. */
const TAIL = 60

/** How long a fix is shown while the trail plays. */
const STEP_MS = 150

/** A span of time that somebody asked for, in milliseconds since 1970. */
interface Range {
  from: number
  to: number
}

export class Trail {
  #positions: Position[] | undefined
  #last: Position | null | undefined
  /** None: the last day, followed as it goes on. */
  #range: Range | undefined
  /** The fix at which the slider stands; none: the newest, whichever that is. */
  #until: Instant | undefined
  #error = ''
  #playing: ReturnType<typeof setInterval> | undefined
  #refreshing: ReturnType<typeof setTimeout> | undefined
  #refreshed = 0
  #stopped = false
  #map: OlMap | undefined
  #shown = ''
  /** What the wearer must keep out of, or stay in: drawn beneath the trail. */
  #zones: Feature[] = []

  constructor(
    private readonly wearer: string,
    private readonly tiles: Tiles | null,
    private readonly redraw: () => void,
    /** Whether they wear anything that knows where it is; not known before it is asked for. */
    private readonly isLocated: () => boolean,
  ) {}

  async load(): Promise<void> {
    try {
      await this.#ask()
      this.#error = ''
    } catch (error) {
      this.#error = messageOf(error)
    }
    this.redraw()
    if (this.#stopped) return
    clearTimeout(this.#refreshing)
    this.#refreshing = setTimeout(() => void this.load(), Math.max(REFRESH_MS.least, REFRESH_MS.tags / speed()))
  }

  drawZones(zones: Feature[]): void {
    this.#zones = zones
    this.redraw()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#refreshing)
    clearInterval(this.#playing)
    this.#map?.setTarget()
  }

  /** The last position, and what is new on the trail unless a time that is over is shown. */
  async #ask(): Promise<void> {
    this.#last = await api.lastPosition(this.wearer, now())
    const range = this.#range
    if (range) {
      if (!this.#positions) await this.#put(range, [], range.from, range.to)
      return
    }
    const known = this.#positions ?? []
    const newest = known.at(-1)
    const whole = !newest || this.#refreshed % WHOLE_EVERY === 0
    this.#refreshed += 1
    if (!whole && newest.t === this.#last?.t) return
    const dayAgo = now() - DAY_MS
    await this.#put(range, whole ? [] : known, whole ? dayAgo : Date.parse(newest.t), undefined, dayAgo)
  }

  async #put(range: Range | undefined, known: Position[], from: number, to?: number, begin = from): Promise<void> {
    const more = await api.trail(this.wearer, from, to)
    // Another span was asked for meanwhile.
    if (range === this.#range) this.#positions = append(onwards(known, begin), more)
  }

  render(): Content {
    const positions = this.#positions
    if (!positions) return this.#error ? errorSummary(this.#error) : html`<p class="govuk-body">Loading…</p>`
    return html`${errorSummary(this.#error, 'The trail may be out of date')} ${this.#lastKnown()} ${this.#ranges()}
      ${positions.length === 0
        ? html`<p class="govuk-body">No position ${this.#range ? 'in that time' : 'in the last 24 hours'}.</p>`
        : html`<div class="map" id="trail-map" tabindex="0" role="region" aria-label="Map of the trail; the slider below says until when"></div>
            ${this.#slider(positions)}`}`
  }

  drawn(): void {
    const target = document.getElementById('trail-map')
    const positions = this.#positions
    if (!target || !positions || positions.length === 0) {
      this.#map?.setTarget()
      this.#map = undefined
      this.#shown = ''
      return
    }
    const at = this.#at(positions)
    const way = positions.slice(Math.max(0, at + 1 - TAIL), at + 1)
    const shown = `${way[0]?.t} ${way.at(-1)?.t} ${way.length} ${this.#zones.length}`
    if (this.#shown === shown && this.#map?.getTarget() === target) return
    this.#shown = shown
    const content = { fixes: way.map(asFix), zones: this.#zones }
    void import('../map/map').then(({ draw, show }) => {
      if (this.#map?.getTarget() === target) return show(this.#map, content)
      if (!target.isConnected) return
      this.#map?.setTarget()
      this.#map = draw(target, content, this.tiles, content.fixes)
    })
  }

  #lastKnown(): Content {
    const last = this.#last
    if (!last && !this.isLocated()) {
      return html`<p class="govuk-body last-known">No position: nothing that is worn knows where it is.</p>`
    }
    if (!last) {
      return html`<p class="silent last-known"><strong>No position in the last ${api.LAST_POSITION_DAYS} days: it is not known where the wearer is.</strong></p>`
    }
    const age = now() - Date.parse(last.t)
    const where = html`Last position ${when(last.t)}, <span class="count">${span(age)} ago</span>: ${last.lat.toFixed(5)}, ${last.lon.toFixed(5)}${last.acc ? html`, within ${Math.round(last.acc)} m by its own word` : nothing}, from ${last.device}.`
    if (age < SILENT_MS) return html`<p class="govuk-body last-known">${where}</p>`
    return html`<p class="silent last-known"><strong>Not heard for ${span(age)}: it is not known where the wearer is.</strong><br />${where}</p>`
  }

  /** Which time is shown; in London's, as everything here. */
  #ranges(): Content {
    return html`<form class="trail trail--range" @submit=${(event: SubmitEvent) => this.#chosen(event)}>
      <label for="trail-from">From, London time</label>
      <input class="govuk-input" id="trail-from" name="from" type="datetime-local" required />
      <label for="trail-to">To</label>
      <input class="govuk-input" id="trail-to" name="to" type="datetime-local" required />
      <button class="govuk-button govuk-button--secondary">Show this time</button>
      ${this.#range
        ? html`<button type="button" class="govuk-button govuk-button--secondary" @click=${() => this.#show(undefined)}>The last 24 hours</button>`
        : nothing}
    </form>`
  }

  #chosen(event: SubmitEvent): void {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const given = new FormData(form)
    const range = { from: fromLondon(String(given.get('from'))), to: fromLondon(String(given.get('to'))) }
    const to = form.elements.namedItem('to') as HTMLInputElement
    to.setCustomValidity(range.from < range.to ? '' : 'It must end after it begins.')
    to.oninput = () => to.setCustomValidity('')
    if (form.reportValidity()) this.#show(range)
  }

  #show(range: Range | undefined): void {
    this.#range = range
    this.#positions = undefined
    this.#until = undefined
    this.#refreshed = 0
    if (this.#playing !== undefined) this.#play()
    this.redraw()
    void this.load()
  }

  /** The place of the fix at which the slider stands. */
  #at(positions: Position[]): number {
    const until = this.#until
    if (until === undefined) return positions.length - 1
    return Math.max(0, positions.findLastIndex(({ t }) => Date.parse(t) <= Date.parse(until)))
  }

  #slider(positions: Position[]): Content {
    const at = this.#at(positions)
    const moved = (event: Event) => this.#go(Number((event.target as HTMLInputElement).value))
    return html`<div class="trail">
      <button class="govuk-button govuk-button--secondary" @click=${() => this.#play()}>${this.#playing === undefined ? 'Play' : 'Pause'}</button>
      <label for="trail-at">Until ${when(positions[at]?.t)}${this.#until === undefined && !this.#range ? ', the newest' : ''}</label>
      <input id="trail-at" type="range" min="0" .max=${String(positions.length - 1)} .value=${String(at)}
        aria-valuetext=${clockTime(positions[at]?.t ?? 0)} @input=${moved} />
    </div>`
  }

  #go(at: number): void {
    const positions = this.#positions ?? []
    this.#until = at >= positions.length - 1 ? undefined : positions[at]?.t
    this.redraw()
  }

  #play(): void {
    if (this.#playing !== undefined) {
      clearInterval(this.#playing)
      this.#playing = undefined
    } else {
      if (this.#until === undefined) this.#go(0)
      this.#playing = setInterval(() => this.#step(), STEP_MS)
    }
    this.redraw()
  }

  #step(): void {
    if (this.#until === undefined) this.#play()
    else this.#go(this.#at(this.#positions ?? []) + 1)
  }
}

/** A position as a fix of a map: its circle is the accuracy that the device reported. */
export function asFix({ t, lat, lon, acc }: Position): Fix {
  return { observed_at: t, lat, lon, sigma_m: (acc ?? 0) / 2.448, distance_m: 0 } as Fix
}
