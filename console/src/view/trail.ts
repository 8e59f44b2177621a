/** Where a wearer was: their last position and its age, and the day before on a map, as far as a slider says. */

import { html, nothing } from 'lit-html'
import type OlMap from 'ol/Map'
import * as api from '../api'
import { clockTime, now, span } from '../clock'
import type { Fix, Position, Tiles } from '../model'
import { errorSummary, messageOf, when, type Content } from './dom'

/** Without a position for so long, it is said loudly that nobody knows where the wearer is. */
const SILENT_MS = 15 * 60 * 1000

/** The way of so many fixes is on the map at once: an hour of one a minute. */
const TAIL = 60

/** How long a fix is shown while the trail plays. */
const STEP_MS = 150

export class Trail {
  #positions: Position[] | undefined
  #cut = false
  #at = 0
  #error = ''
  #playing: ReturnType<typeof setInterval> | undefined
  #map: OlMap | undefined
  #shown = -1

  constructor(
    private readonly wearer: string,
    private readonly tiles: Tiles | null,
    private readonly redraw: () => void,
  ) {}

  async load(): Promise<void> {
    try {
      const { positions, cut } = await api.trail(this.wearer)
      this.#positions = positions
      this.#cut = cut
      this.#at = positions.length - 1
    } catch (error) {
      this.#error = messageOf(error)
    }
    this.redraw()
  }

  stop(): void {
    clearInterval(this.#playing)
    this.#map?.setTarget()
  }

  render(): Content {
    if (this.#error) return errorSummary(this.#error)
    const positions = this.#positions
    if (!positions) return html`<p class="govuk-body">Loading…</p>`
    const last = positions.at(-1)
    if (!last) return html`<p class="silent"><strong>No position in the last 24 hours: it is not known where the wearer is.</strong></p>`
    return html`${this.#lastKnown(last)} ${this.#cut ? html`<p class="govuk-body">There are more positions than these.</p>` : nothing}
      <div class="map" id="trail-map" tabindex="0" role="region" aria-label="Map of the last 24 hours; the slider below says until when"></div>
      ${this.#slider(positions)}`
  }

  drawn(): void {
    const target = document.getElementById('trail-map')
    const positions = this.#positions
    if (!target || !positions || this.#shown === this.#at) return
    const first = this.#shown < 0
    this.#shown = this.#at
    const shown = { fixes: positions.slice(Math.max(0, this.#at + 1 - TAIL), this.#at + 1).map(asFix) }
    void import('../map/map').then(({ draw, show }) => {
      if (first || !this.#map) this.#map = draw(target, { fixes: positions.slice(-TAIL).map(asFix) }, this.tiles)
      else show(this.#map, shown)
    })
  }

  #lastKnown(last: Position): Content {
    const age = now() - Date.parse(last.t)
    const where = html`Last position ${when(last.t)}, ${span(age)} ago: ${last.lat.toFixed(5)}, ${last.lon.toFixed(5)}${last.acc ? html`, within ${Math.round(last.acc)} m by its own word` : nothing}, from ${last.device}.`
    if (age < SILENT_MS) return html`<p class="govuk-body">${where}</p>`
    return html`<p class="silent"><strong>Not heard for ${span(age)}: it is not known where the wearer is.</strong><br />${where}</p>`
  }

  #slider(positions: Position[]): Content {
    const at = positions[this.#at]
    const moved = (event: Event) => this.#go(Number((event.target as HTMLInputElement).value))
    return html`<div class="trail">
      <button class="govuk-button govuk-button--secondary" @click=${() => this.#play()}>${this.#playing === undefined ? 'Play' : 'Pause'}</button>
      <label for="trail-at">Until ${at ? clockTime(at.t) : '–'}</label>
      <input id="trail-at" type="range" min="0" max=${positions.length - 1} .value=${String(this.#at)} @input=${moved} />
    </div>`
  }

  #go(at: number): void {
    this.#at = at
    this.redraw()
  }

  #play(): void {
    if (this.#playing !== undefined) {
      clearInterval(this.#playing)
      this.#playing = undefined
    } else {
      if (this.#at === (this.#positions?.length ?? 0) - 1) this.#at = 0
      this.#playing = setInterval(() => this.#step(), STEP_MS)
    }
    this.redraw()
  }

  #step(): void {
    const end = (this.#positions?.length ?? 0) - 1
    if (this.#at >= end) this.#play()
    else this.#go(this.#at + 1)
  }
}

/** A position as a fix of a map: its circle is the accuracy that the device reported. */
export function asFix({ t, lat, lon, acc }: Position): Fix {
  return { observed_at: t, lat, lon, sigma_m: (acc ?? 0) / 2.448, distance_m: 0 } as Fix
}
