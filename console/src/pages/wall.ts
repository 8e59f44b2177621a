/** For a screen on the wall: how many, how late, and the ones that cannot wait; read from across the room. */

import { html } from 'lit-html'
import { now } from '../clock'
import type { Feed } from '../feed'
import type { Alert, Severity } from '../model'
import { byUrgency } from '../order'
import { age, countdown, severityTag, type Content, type Page } from '../view/dom'
import { title } from '../words'

/** As many as are read from across a room. */
const ROWS = 10

const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low']

export class WallPage implements Page {
  readonly title = 'Wall'
  #stop: () => void = () => {}

  constructor(private readonly feed: Feed) {}

  start(draw: () => void): void {
    this.feed.addEventListener('change', draw)
    this.#stop = () => this.feed.removeEventListener('change', draw)
    document.body.classList.add('on-wall')
  }

  stop(): void {
    this.#stop()
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
      </ul>
      <ol class="wall__alerts">
        ${waiting.sort(byUrgency).slice(0, ROWS).map(row)}
      </ol>`
  }
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
