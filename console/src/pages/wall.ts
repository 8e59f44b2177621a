/** For a screen on the wall: how many, how late, and the ones that cannot wait; read from across the room. */

import { html } from 'lit-html'
import { now } from '../clock'
import type { Feed } from '../feed'
import type { Alert, Severity } from '../model'
import { byUrgency } from '../order'
import * as api from '../api'
import type OlMap from 'ol/Map'
import type { Fix, Tiles } from '../model'
import { fixesOf } from '../view/evidence'
import { asFix } from '../view/trail'
import { trend } from '../view/trend'
import { age, countdown, severityTag, type Content, type Page } from '../view/dom'
import { title } from '../words'

/** As many as are read from across a room. */
const ROWS = 10

/** Kinds that say that nobody knows where somebody is, or whether they are. */
const SILENT = ['no_contact', 'no_fix', 'not_monitored', 'presence_unknown', 'zone_unknown']

/** The most silent wearers whose last position is asked for: each is a look into somebody's trail. */
const LAST_SEEN_MAX = 50

/** The trend is asked for again after this long. */
const TREND_EVERY_MS = 60_000

const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low']

export class WallPage implements Page {
  readonly title = 'Wall'
  #stop: () => void = () => {}

  #recent: Alert[] = []
  #asking: ReturnType<typeof setInterval> | undefined
  #map: OlMap | undefined
  #pictured = ''
  /** Where those were last whom nobody hears. */
  readonly #last = new Map<string, Fix[]>()

  constructor(
    private readonly feed: Feed,
    private readonly tiles: Tiles | null,
  ) {}

  start(draw: () => void): void {
    this.feed.addEventListener('change', draw)
    this.#stop = () => this.feed.removeEventListener('change', draw)
    document.body.classList.add('on-wall')
    const ask = () => void api.alerts({}).then((alerts) => (this.#recent = alerts)).then(draw, () => {})
    ask()
    this.#asking = setInterval(ask, TREND_EVERY_MS)
  }

  stop(): void {
    this.#stop()
    clearInterval(this.#asking)
    this.#map?.setTarget()
    document.body.classList.remove('on-wall')
  }

  tick(): boolean {
    return true
  }

  render(): Content {
    const waiting = [...this.feed.alerts.values()].filter((alert) => alert.triage.stage === 'new' && !alert.listed_under)
    const over = waiting.filter((alert) => alert.notify_by && Date.parse(alert.notify_by) < now())
    return html`<ul class="wall__counts">
        ${SEVERITIES.map((severity) => count(severityTag(severity), waiting.filter((alert) => alert.severity === severity).length))}
        ${count(html`<strong>Overdue</strong>`, over.length)}
        ${count(html`<strong>Silent</strong>`, new Set(this.#silent().map((alert) => alert.wearer)).size)}
      </ul>
      <div class="wall__pictures">
        <div class="map" id="wall-map" tabindex="0" role="region" aria-label="Map of open criticals; they are in the list below it"></div>
        ${trend(this.#recent)}
      </div>
      <ol class="wall__alerts">
        ${waiting.sort(byUrgency).slice(0, ROWS).map(row)}
      </ol>`
  }

  #open(): Alert[] {
    return [...this.feed.alerts.values()].filter((alert) => alert.state === 'open')
  }

  #silent(): Alert[] {
    return this.#open().filter((alert) => SILENT.includes(alert.kind))
  }

  /** Asks once where a silent wearer was last; on the map when the answer is there. */
  #lastSeen(wearer: string): Fix[] {
    const known = this.#last.get(wearer)
    if (known || this.#last.size >= LAST_SEEN_MAX) return known ?? []
    this.#last.set(wearer, [])
    void api.trail(wearer).then(
      ({ positions }) => this.#last.set(wearer, positions.slice(-1).map(asFix)),
      () => {},
    )
    return []
  }

  drawn(): void {
    const target = document.getElementById('wall-map')
    const criticals = this.#open().filter((alert) => alert.severity === 'critical')
    const fixes = [...criticals.flatMap(lastFix), ...this.#silent().flatMap((alert) => this.#lastSeen(alert.wearer))]
    const pictured = JSON.stringify(fixes)
    if (!target || this.#pictured === pictured) return
    this.#pictured = pictured
    void import('../map/map').then(({ draw }) => {
      this.#map?.setTarget()
      this.#map = draw(target, { fixes, apart: true }, this.tiles)
    })
  }
}

/** Where an alert was concluded, if it is about a place: its newest fix. */
function lastFix(alert: Alert): Fix[] {
  return fixesOf(alert.decision.evidence).slice(-1)
}

function count(title: Content, number: number): Content {
  return html`<li>${title}<span class="wall__number">${number}</span></li>`
}

/** No names on a wall: the wearer's number is enough to find the alert by. */
function row(alert: Alert): Content {
  return html`<li>
    ${severityTag(alert.severity)}
    <a class="wall__what" href="/console/alerts/${alert.alert}">${title(alert.kind)}</a>
    <span>${alert.wearer}</span>
    <span>${age(alert.onset)}</span>
    <span>${countdown(alert)}</span>
  </li>`
}
