/** A wearer: their orders, what they wear, their authorised absences, and every alert about them. */

import { html, nothing } from 'lit-html'
import * as api from '../api'
import { now } from '../clock'
import type { Alert, Instant, Part, Settings } from '../model'
import type { Feed } from '../feed'
import { byUrgency, SILENT } from '../order'
import { age, countdown, errorSummary, messageOf, severityTag, summaryList, when, type Content, type Page } from '../view/dom'
import { budgets } from '../view/budget'
import { calendar } from '../view/calendar'
import { Trail } from '../view/trail'
import { place, title, words } from '../words'
import { zonesOf } from '../zones'

interface Person {
  name?: string
  date_of_birth?: string
  police_force?: string
  probation_region?: string
  flags?: string[]
}

interface Order {
  id: string
  version: number
  type: string
  hdc?: boolean
  from: Instant
  to?: Instant
  conditions: { id: string; kind: string; zones?: string[]; windows?: { days: string[]; start: string; end: string }[] }[]
}

interface Worn {
  device: string
  kind: string
  from: Instant
  to: Instant | null
}

interface Absence {
  id: string
  from: Instant
  to: Instant
}

/** What is registered of a wearer is asked for again this often; their alerts are followed. */
const REFRESH_MS = 60_000

export class WearerPage implements Page {
  readonly title: string
  #person: Part<Person> | undefined
  #orders: Part<Order>[] = []
  #worn: Part<Worn>[] = []
  #absences: Part<Absence>[] = []
  #alerts: Alert[] | undefined
  #error = ''

  #trail: Trail | undefined
  /** The orders whose zones are drawn: each zone that is asked for is written to the audit trail. */
  #zoned = ''
  #refreshing: ReturnType<typeof setInterval> | undefined
  #stop: () => void = () => {}

  constructor(
    private readonly wearer: string,
    private readonly settings: Settings,
    private readonly feed: Feed,
  ) {
    this.title = `Wearer ${wearer}`
  }

  start(draw: () => void): void {
    this.#trail = new Trail(this.wearer, this.settings.tiles, draw, () => documents(this.#worn).some(isLocated))
    void this.#trail.load()
    const load = () =>
      void this.#load()
        .then(() => (this.#error = ''))
        .catch((error: unknown) => (this.#error = messageOf(error)))
        .finally(draw)
    load()
    this.#refreshing = setInterval(load, REFRESH_MS)
    const news = () => this.#changed(draw)
    this.feed.addEventListener('change', news)
    this.#stop = () => this.feed.removeEventListener('change', news)
  }

  /** Alerts that changed are shown as they stand now. */
  #changed(draw: () => void): void {
    const shown = this.#alerts
    if (!shown) return
    const changed = [...this.feed.alerts.values()].filter((alert) => alert.wearer === this.wearer)
    const others = shown.filter(({ alert }) => !this.feed.alerts.has(alert))
    this.#alerts = [...others, ...changed]
    draw()
  }

  stop(): void {
    this.#stop()
    clearInterval(this.#refreshing)
    this.#trail?.stop()
  }

  drawn(): void {
    this.#trail?.drawn()
  }

  tick(): boolean {
    return true
  }

  async #load(): Promise<void> {
    const { wearer } = this
    ;[this.#person, this.#orders, this.#worn, this.#absences, this.#alerts] = await Promise.all([
      api.registered<Person>('wearer', wearer),
      api.registeredOf<Order>('order', wearer),
      api.registeredOf<Worn>('activation', wearer),
      api.registeredOf<Absence>('absence', wearer),
      api.alerts({ wearer }),
    ])
    const orders = documents(this.#orders)
    const zoned = JSON.stringify(orders)
    if (zoned === this.#zoned) return
    this.#trail?.drawZones(await zonesOf(orders))
    this.#zoned = zoned
  }

  render(): Content {
    if (!this.#alerts) return this.#error ? errorSummary(this.#error) : html`<p class="govuk-body">Loading…</p>`
    return html`${errorSummary(this.#error)} ${this.#unheard(this.#alerts)} ${this.#who()}
      <h2 class="govuk-heading-m">Where</h2>
      ${this.#trail?.render() ?? nothing}
      <h2 class="govuk-heading-m">Compliance</h2>
      ${budgets(documents(this.#orders), this.settings.curfew_budget, this.#alerts)} ${calendar(this.#alerts, firstOf(documents(this.#orders)))}
      <h2 class="govuk-heading-m">Alerts</h2>
      ${this.#alertTable(this.#alerts)}
      <h2 class="govuk-heading-m">Orders</h2>
      ${this.#orders.map(order)}
      <h2 class="govuk-heading-m">Devices</h2>
      ${list(this.#worn, (worn) => html`${this.#troubles(worn.device)}${worn.device} (${words(worn.kind)}), from ${when(worn.from)}${worn.to ? html` to ${when(worn.to)}` : ''}`)}
      <h2 class="govuk-heading-m">Authorised absences</h2>
      ${list(this.#absences, (absence) => html`${absence.id}: ${when(absence.from)} to ${when(absence.to)}`)}`
  }

  /** That nobody watches somebody who is to be watched is said before anything else. */
  #unheard(alerts: Alert[]): Content {
    const open = alerts.filter((alert) => alert.state === 'open' && SILENT.includes(alert.kind))
    if (open.length === 0) return nothing
    return html`<ul class="silent silent--alerts">
      ${open.sort(byUrgency).map(
        (alert) => html`<li><strong><a class="govuk-link" href="/console/alerts/${alert.alert}">${title(alert.kind)}</a></strong> since ${when(alert.onset)}, ${age(alert.onset)}</li>`,
      )}
    </ul>`
  }

  /** What is open about a device, loudest first. */
  #troubles(device: string): Content {
    const open = (this.#alerts ?? []).filter((alert) => alert.state === 'open' && alert.decision.device === device)
    if (open.length === 0) return html`<strong class="govuk-tag govuk-tag--green">In order</strong> `
    return html`${open.sort(byUrgency).map((alert) => html`${severityTag(alert.severity)} ${title(alert.kind)} since ${when(alert.onset)}. `)}`
  }

  #who(): Content {
    const person = this.#person?.document
    if (!person) return nothing
    const rows: [string, string | undefined][] = [
      ['Name', person.name],
      ['Date of birth', person.date_of_birth],
      ['Police force', person.police_force && place(person.police_force)],
      ['Probation region', person.probation_region && place(person.probation_region)],
      ['Flags', person.flags?.map(place).join(', ')],
    ]
    return summaryList(rows.flatMap(([title, value]) => (value ? [[title, value]] : [])))
  }

  #alertTable(alerts: Alert[]): Content {
    if (alerts.length === 0) return html`<p class="govuk-body">None.</p>`
    return html`<div class="scrolls" tabindex="0" role="region" aria-label="Alerts">
      <table class="govuk-table">
        <thead class="govuk-table__head">
          <tr class="govuk-table__row">
            ${['Severity', 'Alert', 'Since', 'State', 'Work'].map((title) => html`<th scope="col" class="govuk-table__header">${title}</th>`)}
          </tr>
        </thead>
        <tbody class="govuk-table__body">
          ${[...alerts].sort(byUrgency).map(
            (alert) => html`<tr class="govuk-table__row">
              <td class="govuk-table__cell">${severityTag(alert.severity)}</td>
              <td class="govuk-table__cell"><a class="govuk-link" href="/console/alerts/${alert.alert}">${title(alert.kind)}</a></td>
              <td class="govuk-table__cell">${when(alert.onset)}</td>
              <td class="govuk-table__cell">${words(alert.state)}</td>
              <td class="govuk-table__cell">${countdown(alert)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }
}

/** When the first of some orders began. */
function firstOf(orders: Order[]): Instant | undefined {
  return orders.map(({ from }) => from).sort((one, other) => Date.parse(one) - Date.parse(other))[0]
}

/** A home unit's tag and an alcohol tag say when, not where. */
function isLocated({ kind, to }: Worn): boolean {
  return (kind === 'gps' || kind === 'non_fitted') && (!to || Date.parse(to) > now())
}

function order({ document }: Part<Order>): Content {
  if (!document) return nothing
  return html`<h3 class="govuk-heading-s">${document.id}, version ${document.version}: ${words(document.type.toLowerCase())}</h3>
    <p class="govuk-body">From ${when(document.from)}${document.to ? html` to ${when(document.to)}` : ''}</p>
    <ul class="govuk-list govuk-list--bullet">
      ${document.conditions.map(
        (condition) => html`<li>
          ${words(condition.kind)} (${condition.id})${condition.zones?.length ? `: ${condition.zones.join(', ')}` : ''}
          ${condition.windows?.map((window) => html`<br />${window.days.join(', ')}: ${window.start} to ${window.end}`)}
        </li>`,
      )}
    </ul>`
}

function documents<D>(parts: Part<D>[]): D[] {
  return parts.map((part) => part.document).filter((document) => document !== null)
}

function list<D>(parts: Part<D>[], item: (document: D) => Content): Content {
  const all = documents(parts)
  if (all.length === 0) return html`<p class="govuk-body">None.</p>`
  return html`<ul class="govuk-list govuk-list--bullet">${all.map((document) => html`<li>${item(document)}</li>`)}</ul>`
}
