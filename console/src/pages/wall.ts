/** For a screen on the wall: how many, how late, and the ones that cannot wait; read from across the room. */

import { html, nothing } from 'lit-html'
import { now } from '../clock'
import type { Feed } from '../feed'
import type { Alert, Position, Severity } from '../model'
import { byUrgency, SILENT, silentWearers, type SilentWearer } from '../order'
import * as api from '../api'
import type OlMap from 'ol/Map'
import type { Fix, Tiles } from '../model'
import { fixesOf } from '../view/evidence'
import { asFix } from '../view/trail'
import { trend } from '../view/trend'
import { age, countdown, severityTag, when, type Content, type Page } from '../view/dom'
import { title } from '../words'

/** As many as are read from across a room. */
const ROWS = 10

/** The most silent wearers whose last position is asked for: each is a look into somebody's trail. */
const LAST_SEEN_MAX = 50

/** The trend, and where silent wearers were last, are asked for again after this long. */
const ASK_EVERY_MS = 60_000

const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low']

export class WallPage implements Page {
  readonly title = 'Wall'
  #stop: () => void = () => {}

  #recent: Alert[] = []
  #asking: ReturnType<typeof setInterval> | undefined
  #map: OlMap | undefined
  #pictured = ''
  /** Where those were last whom nobody hears; none while it is asked for, `null` where they were nowhere. */
  readonly #last = new Map<string, Position | null | undefined>()
  #draw: () => void = () => {}

  constructor(
    private readonly feed: Feed,
    private readonly tiles: Tiles | null,
  ) {}

  start(draw: () => void): void {
    this.#draw = draw
    this.feed.addEventListener('change', draw)
    this.#stop = () => this.feed.removeEventListener('change', draw)
    document.body.classList.add('on-wall')
    const ask = () => {
      void api.alerts({}).then((alerts) => (this.#recent = alerts)).then(draw, () => {})
      for (const wearer of this.#last.keys()) this.#askWhere(wearer)
    }
    ask()
    this.#asking = setInterval(ask, ASK_EVERY_MS)
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
    const silent = this.#silent()
    return html`<ul class="wall__counts">
        ${SEVERITIES.map((severity) => count(severityTag(severity), waiting.filter((alert) => alert.severity === severity).length))}
        ${count(html`<strong>Overdue</strong>`, over.length)}
        ${count(html`<strong>Silent</strong>`, silent.length)}
      </ul>
      <div class="wall__pictures">
        <div class="map" id="wall-map" tabindex="0" role="region" aria-label=${this.#mapped()}></div>
        ${trend(this.#opened())}
      </div>
      <ol class="wall__alerts">
        ${waiting.sort(byUrgency).slice(0, ROWS).map(row)}
      </ol>
      ${this.#silentList(silent)}`
  }

  /** What was asked for last, with what the feed has heard of since. */
  #opened(): Alert[] {
    const known = [...this.#recent, ...this.feed.alerts.values()].map((alert) => [alert.alert, alert] as const)
    return [...new Map(known).values()]
  }

  #criticals(): Alert[] {
    return [...this.feed.alerts.values()].filter(isOnTheMap)
  }

  #mapped(): string {
    const known = [...this.#last.values()].filter((position) => position).length
    const criticals = this.#criticals().filter((alert) => lastFix(alert).length > 0).length
    return `Map of ${criticals} critical${criticals === 1 ? ' that goes' : 's that go'} on or nobody has, and of where ${known} silent wearer${known === 1 ? ' was' : 's were'} last; both are in the lists below it`
  }

  #silent(): SilentWearer[] {
    return silentWearers(this.feed.alerts.values())
  }

  #silentList(silent: SilentWearer[]): Content {
    const left = silent.length - ROWS
    return html`<h2 class="govuk-heading-l">Silent wearers</h2>
      ${silent.length === 0 ? html`<p class="govuk-body">None: all are heard.</p>` : nothing}
      <ol class="wall__alerts wall__silent">
        ${silent.slice(0, ROWS).map((one) => silentRow(one, this.#last.get(one.wearer)))}
      </ol>
      ${left > 0 ? html`<p class="govuk-body">And ${left} more. <a class="govuk-link" href="/console/?kind=${SILENT[0]}">Their alerts</a></p>` : nothing}`
  }

  /** Asks where silent wearers were last, of whom it is not known; forgets those who are heard. */
  #askLast(silent: SilentWearer[]): void {
    const wearers = new Set(silent.slice(0, LAST_SEEN_MAX).map(({ wearer }) => wearer))
    for (const known of this.#last.keys()) if (!wearers.has(known)) this.#last.delete(known)
    for (const wearer of wearers) {
      if (this.#last.has(wearer)) continue
      this.#last.set(wearer, undefined)
      this.#askWhere(wearer)
    }
  }

  /** A question that fails is asked again with the next ones. */
  #askWhere(wearer: string): void {
    void api
      .lastPosition(wearer, now())
      .then((position) => this.#last.has(wearer) && this.#last.set(wearer, position))
      .then(this.#draw, () => {})
  }

  drawn(): void {
    const silent = this.#silent()
    this.#askLast(silent)
    const target = document.getElementById('wall-map')
    const fixes = [...this.#criticals().flatMap(lastFix), ...silent.flatMap(({ wearer }) => lastSeen(wearer, this.#last.get(wearer)))]
    const around = this.#recent.flatMap(lastFix)
    const pictured = JSON.stringify([fixes, around.length > 0])
    if (!target || this.#pictured === pictured) return
    this.#pictured = pictured
    void import('../map/map').then(({ draw, showAll }) => {
      if (!target.isConnected) return
      const shown = { fixes, apart: true, around }
      if (this.#map) showAll(this.#map, shown)
      else this.#map = draw(target, shown, this.tiles)
    })
  }
}

/** A critical that goes on, or that nobody has taken on yet. */
function isOnTheMap({ severity, state, kind, triage }: Alert): boolean {
  return severity === 'critical' && (state === 'open' || triage.stage === 'new') && !SILENT.includes(kind)
}

/** Where a silent wearer was last, on the map. */
function lastSeen(wearer: string, position: Position | null | undefined): Fix[] {
  return position ? [{ ...asFix(position), label: `${wearer}, silent` }] : []
}

function silentRow({ wearer, since, alerts }: SilentWearer, last: Position | null | undefined): Content {
  return html`<li>
    ${alerts[0] ? severityTag(alerts[0].severity) : nothing}
    <span class="wall__what"><a href="/console/wearers/${wearer}">${wearer}</a>: ${[...new Set(alerts.map(({ kind }) => title(kind)))].join('; ')}</span>
    <span>since ${when(since)}</span>
    <span class="wall__last">${lastKnown(last)}</span>
  </li>`
}

function lastKnown(last: Position | null | undefined): Content {
  if (last === undefined) return 'Asking where they were last'
  if (last === null) return `No position in ${api.LAST_POSITION_DAYS} days`
  return html`last at ${last.lat.toFixed(5)}, ${last.lon.toFixed(5)}, ${age(last.t)}`
}

/** Where an alert was concluded, if it is about a place: its newest fix, red whether or not the wearer was out again by then. */
function lastFix(alert: Alert): Fix[] {
  return fixesOf(alert.decision.evidence)
    .slice(-1)
    .map((fix) => ({ ...fix, distance_m: 1, label: alert.wearer }))
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
