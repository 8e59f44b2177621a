/** One alert: what happened, where, how sure that is, what people did, and what can be done. */

import { html, nothing } from 'lit-html'
import type OlMap from 'ol/Map'
import * as api from '../api'
import { clockTime, fullTime, now, span } from '../clock'
import type { Feed } from '../feed'
import type { Shown } from '../map/map'
import type { Alert, AlertHistory, Decision, Fix, Instant, Position, StepWish, Tiles } from '../model'
import { age, countdown, errorSummary, messageOf, severityTag, summaryList, when, type Content, type Page } from '../view/dom'
import { contacts } from '../view/contacts'
import { curve } from '../view/curve'
import { fixesOf, fixTable, numbers } from '../view/evidence'
import { listed, LISTED_MAX } from '../view/listed'
import { actions, steps } from '../view/steps'
import { timeline } from '../view/timeline'
import { asFix } from '../view/trail'
import { isAPerson, readable, title, words } from '../words'
import { zoneName, zoneOf } from '../zones'

export class AlertPage implements Page {
  title = 'Alert'
  #found: AlertHistory | undefined
  #queues: string[] = []
  #similar: Alert[] = []
  #listed: Alert[] = []
  #shown: Shown | undefined
  #last: Position | null | undefined
  #map: OlMap | undefined
  #pictured: Shown | undefined
  #error = ''
  #said = ''
  #busy = false
  #draw: () => void = () => {}
  readonly #news = () => this.#changed()

  constructor(
    private readonly id: string,
    private readonly feed: Feed,
    private readonly tiles: Tiles | null,
  ) {}

  start(draw: () => void): void {
    this.#draw = draw
    this.feed.addEventListener('change', this.#news)
    addEventListener('beforeprint', unfold)
    void this.#load()
    api.queues().then(
      (queues) => (this.#queues = queues.map((queue) => queue.recipient)),
      (error: unknown) => (this.#error = messageOf(error)),
    )
  }

  stop(): void {
    this.feed.removeEventListener('change', this.#news)
    removeEventListener('beforeprint', unfold)
    this.#map?.setTarget()
  }

  key(key: string): boolean {
    if (key !== 'a' || this.#found?.record.triage.stage !== 'new') return false
    void this.#take({ action: 'acknowledge', seen: this.#found.record.triage.steps })
    return true
  }

  async #load(): Promise<void> {
    try {
      this.#found = await api.alert(this.id)
      const { record } = this.#found
      this.title = isAPerson(record.wearer) ? `${title(record.kind)}: ${record.wearer}` : title(record.kind)
      this.#draw()
      if (isAPerson(record.wearer)) {
        this.#similar = (await api.alerts({ wearer: record.wearer })).filter((other) => isLike(other, record))
      }
      if (record.lists > 0) this.#listed = await api.alerts({ listed_under: this.id, limit: LISTED_MAX })
      if (isAPerson(record.wearer)) this.#last = await lastPosition(record.wearer)
      this.#shown = (await whatToDraw(this.#found.decisions)) ?? whereLast(this.#last)
    } catch (error) {
      this.#error = messageOf(error)
    }
    this.#draw()
  }

  /** Asks again when the alert is another than the one shown. */
  #changed(): void {
    const known = this.feed.alerts.get(this.id)
    const shown = this.#found?.record
    if (!known || !shown || this.#busy) return
    const same = known.decision.revision === shown.decision.revision && known.triage.steps === shown.triage.steps
    if (!same) void this.#load()
  }

  async #take(wish: StepWish): Promise<void> {
    this.#busy = true
    this.#draw()
    try {
      await api.takeStep(this.id, wish)
      this.#error = ''
      this.#said = `Kept: ${words(wish.action)}`
      for (const form of document.querySelectorAll('form')) form.reset()
      for (const open of document.querySelectorAll('details.action[open]')) open.removeAttribute('open')
    } catch (error) {
      this.#error = messageOf(error)
    }
    this.#busy = false
    await this.#load()
    // What was pressed may be gone, or its answer out of sight.
    const answer = this.#error ? '.govuk-error-summary' : '#done'
    document.querySelector<HTMLElement>(answer)?.focus()
  }

  render(): Content {
    if (!this.#found) return this.#error ? errorSummary(this.#error) : html`<p class="govuk-body">Loading…</p>`
    const { record, decisions } = this.#found
    return html`
      ${errorSummary(this.#error)}
      <p class="govuk-visually-hidden" role="status">${this.#said}</p>
      <p class="govuk-body-l sentence">${severityTag(record.severity)} ${sentence(this.#found)}</p>
      <div class="alert">
        <div class="alert__main">
          ${this.#whereLast()} ${this.#picture()} ${timeline(decisions, now())} ${curve(record.decision.evidence)}
        </div>
        <div class="alert__side">
          <div class="no-print">
            <h2 class="govuk-heading-m">What to do</h2>
            <p class="govuk-body">${countdown(record)}</p>
            ${api.actor() ? nothing : html`<p class="govuk-inset-text">Say at the top who you are: each step is kept with a name.</p>`}
            ${actions(record, this.#queues, this.#busy, (wish) => void this.#take(wish))}
          </div>
          <h2 class="govuk-heading-m" id="done" tabindex="-1">What people did</h2>
          ${steps(this.#found.steps)} ${isAPerson(record.wearer) ? contacts(this.#found.steps) : nothing}
        </div>
        <div class="alert__more">
          ${listed(this.#listed, record.lists)} ${this.#evidence(record.decision)}
          <h2 class="govuk-heading-m">How it was decided</h2>
          ${decided(decisions)} ${similar(this.#similar)} ${this.#particulars()}
          <button class="govuk-button govuk-button--secondary no-print" @click=${() => print()}>Print this page</button>
        </div>
      </div>
    `
  }

  /** Whoever goes there wants to know where the wearer is now, whatever it was about. */
  #whereLast(): Content {
    const last = this.#last
    if (!last) return nothing
    return html`<p class="govuk-body last-known">
      Last position ${when(last.t)}, ${age(last.t)}: ${last.lat.toFixed(5)}, ${last.lon.toFixed(5)}${last.acc ? `, within ${Math.round(last.acc)} m by its own word` : ''}.
    </p>`
  }

  #picture(): Content {
    if (!this.#shown) return nothing
    return html`<figure class="map-figure">
      <div class="map" id="map" tabindex="0" role="region" aria-label="Map; the fixes are in the table below it"></div>
      <figcaption class="govuk-body-s">
        Red point: violates. White: does not. Circle: where the wearer was, 19 times in 20, if the fix was as good as the
        rules assume. Arrows: the order of the fixes, not the way walked.
      </figcaption>
    </figure>`
  }

  #evidence(decision: Decision): Content {
    return html`<h2 class="govuk-heading-m">Evidence of the newest decision</h2>
      ${numbers(decision.evidence)} ${fixTable(fixesOf(decision.evidence))}`
  }

  #particulars(): Content {
    const record = this.#found?.record
    if (!record) return nothing
    const { decision } = record
    const rows: [string, Content][] = [
      ['Wearer', isAPerson(record.wearer) ? html`<a class="govuk-link" href="/console/wearers/${record.wearer}">${record.wearer}</a>` : 'nobody: about the installation'],
      ['Order', decision.order ? `${decision.order}, version ${decision.order_version ?? '?'}` : 'none'],
      ['Condition', decision.condition ?? 'none'],
      ['Device', decision.device ?? 'not about one'],
      ['Registry revision', String(decision.registry ?? 'not known')],
      ['State', words(record.state)],
      ['Tell by', when(record.notify_by)],
    ]
    const [zone] = this.#shown?.zones ?? []
    if (zone) rows.push(['Zone', zoneName(zone)])
    if (record.listed_under) rows.push(['Listed under', html`<a class="govuk-link" href="/console/alerts/${record.listed_under}">another alert</a>`])
    return html`<h2 class="govuk-heading-m">Particulars</h2>
      ${summaryList(rows)}`
  }

  /** OpenLayers draws into the page by itself; it is loaded only where there is something to draw. */
  drawn(): void {
    const target = document.getElementById('map')
    const shown = this.#shown
    if (!target || !shown || this.#pictured === shown) return
    this.#pictured = shown
    void import('../map/map').then(({ draw }) => {
      this.#map?.setTarget()
      this.#map = draw(target, shown, this.tiles)
    })
  }

  tick(): boolean {
    return true
  }
}

/** The most similar alerts that are listed; the wearer's page has all. */
const SIMILAR_MAX = 5

/** Whether another alert is of the same kind, or about the same condition. */
function isLike(other: Alert, one: Alert): boolean {
  const same = other.kind === one.kind || (one.condition !== null && other.condition === one.condition)
  return same && other.alert !== one.alert
}

function similar(alerts: Alert[]): Content {
  if (alerts.length === 0) return nothing
  const newest = [...alerts].sort((a, b) => Date.parse(b.onset) - Date.parse(a.onset)).slice(0, SIMILAR_MAX)
  return html`<h2 class="govuk-heading-m">Before and beside it</h2>
    <ul class="govuk-list">
      ${newest.map(
        (alert) => html`<li>
          <a class="govuk-link" href="/console/alerts/${alert.alert}">${title(alert.kind)}</a> ${when(alert.onset)},
          ${words(alert.state).toLowerCase()}${alert.triage.finding ? html`, found ${words(alert.triage.finding).toLowerCase()}` : nothing}
        </li>`,
      )}
    </ul>
    ${alerts.length > SIMILAR_MAX ? html`<p class="govuk-body">And ${alerts.length - SIMILAR_MAX} more.</p>` : nothing}`
}

/** On paper nothing can be unfolded. */
function unfold(): void {
  for (const folded of document.querySelectorAll<HTMLDetailsElement>('.alert__more details')) folded.open = true
}

function sentence({ record, decisions }: AlertHistory): string {
  const first = decisions[0]
  const concluded = first ? `, concluded ${span(Date.parse(first.decided) - Date.parse(first.onset))} later` : ''
  const ended = record.state === 'open' ? 'It goes on' : `${words(record.state)} ${clockTime(record.changed)}`
  if (!isAPerson(record.wearer)) return `${about(record)}, since ${fullTime(record.onset)}${concluded}. ${ended}.`
  return `${title(record.kind)}: ${record.wearer}, since ${fullTime(record.onset)}${concluded}${extent(record.decision, record.state === 'open')}. ${ended}.`
}

/** What is wrong with the installation; of an incident, what its alerts have in common. */
function about({ kind, lists, decision: { evidence } }: Alert): string {
  const cause = kind === 'incident' ? evidence.policy : evidence['reason']
  const counted = lists > 0 ? `, ${lists} alerts` : ''
  return `${title(kind)}${typeof cause === 'string' ? `: ${readable(cause)}` : ''}${counted}`
}

/** How far, or for how long, where the rule measures one. */
function extent({ kind, evidence }: Decision, goesOn: boolean): string {
  const { deepest_m, absent_s, absent_from, absent_to, peak, zone } = evidence
  const side = kind.startsWith('exclusion') ? 'inside' : 'outside'
  if (typeof deepest_m === 'number') return `; up to ${Math.round(deepest_m)} m ${side} the edge of ${zone}`
  if (goesOn && absent_from && !absent_to) return `; absent for ${span(now() - Date.parse(absent_from))} so far`
  if (typeof absent_s === 'number') return `; absent for ${span(absent_s * 1000)}`
  if (typeof peak === 'number') return `; at most ${peak} mg/100 mL`
  return ''
}

function decided(decisions: Decision[]): Content {
  return html`<ol class="govuk-list govuk-list--number">
    ${decisions.map((decision) => html`<li><strong>${words(decision.phase)}</strong> ${when(decision.decided)}${decision.late ? ', from late readings' : ''}</li>`)}
  </ol>`
}

/** The fix to mark as the beginning: an absence may begin between two, of which the second shows where it led. */
function beganAt(fixes: Fix[], onset: Instant): Instant | undefined {
  return fixes.find((fix) => Date.parse(fix.observed_at) >= Date.parse(onset))?.observed_at
}

/** Not everybody who may see an alert may see where somebody is. */
async function lastPosition(wearer: string): Promise<Position | null> {
  try {
    return await api.lastPosition(wearer, now())
  } catch (error) {
    if (error instanceof api.Refusal && error.status === 403) return null
    throw error
  }
}

/** Where nothing else can be drawn. */
function whereLast(last: Position | null | undefined): Shown | undefined {
  return last ? { fixes: [{ ...asFix(last), label: `last ${clockTime(last.t)}` }] } : undefined
}

/** The fixes of all decisions, and the zone or the place as it was registered when the newest was made. */
async function whatToDraw(decisions: Decision[]): Promise<Shown | undefined> {
  const newest = decisions.at(-1)
  const first = decisions[0]
  if (!newest || !first) return undefined
  const { place } = newest.evidence
  const byTime = new Map(decisions.flatMap((decision) => fixesOf(decision.evidence)).map((fix) => [fix.observed_at, fix]))
  const fixes = [...byTime.values()].sort((a, b) => Date.parse(a.observed_at) - Date.parse(b.observed_at))
  const onset = beganAt(fixes, newest.onset)
  const shown: Shown = { fixes, onset, onsetIsBefore: onset !== newest.onset, decided: fixesOf(first.evidence).at(-1)?.observed_at }
  const zone = await zoneOf(newest)
  if (zone) shown.zones = [zone]
  if (place) {
    const found = await api.registered<{ lat: number; lon: number; radius_m: number }>('place', place, newest.registry)
    shown.place = found.document ?? undefined
  }
  return zone || shown.place || fixes.length > 0 ? shown : undefined
}
