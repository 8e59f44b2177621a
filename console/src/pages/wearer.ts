/** A wearer: their orders, what they wear, their authorised absences, and every alert about them. */

import { html, nothing } from 'lit-html'
import * as api from '../api'
import type { Alert, Instant, Part, Tiles } from '../model'
import { byUrgency } from '../order'
import { countdown, errorSummary, messageOf, severityTag, when, type Content, type Page } from '../view/dom'
import { budget } from '../view/budget'
import { calendar } from '../view/calendar'
import { Trail } from '../view/trail'
import { place, title, words } from '../words'

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
  from: Instant
  to?: Instant
  conditions: { id: string; kind: string; windows?: { days: string[]; start: string; end: string }[] }[]
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

export class WearerPage implements Page {
  readonly title: string
  #person: Part<Person> | undefined
  #orders: Part<Order>[] = []
  #worn: Part<Worn>[] = []
  #absences: Part<Absence>[] = []
  #alerts: Alert[] | undefined
  #error = ''

  #trail: Trail | undefined

  constructor(
    private readonly wearer: string,
    private readonly tiles: Tiles | null,
  ) {
    this.title = `Wearer ${wearer}`
  }

  start(draw: () => void): void {
    this.#trail = new Trail(this.wearer, this.tiles, draw)
    void this.#trail.load()
    void this.#load()
      .catch((error: unknown) => (this.#error = messageOf(error)))
      .finally(draw)
  }

  stop(): void {
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
  }

  render(): Content {
    if (!this.#alerts) return this.#error ? errorSummary(this.#error) : html`<p class="govuk-body">Loading…</p>`
    return html`${this.#who()}
      <h2 class="govuk-heading-m">Where</h2>
      ${this.#trail?.render() ?? nothing}
      <h2 class="govuk-heading-m">How it goes</h2>
      ${budget(this.#alerts)} ${calendar(this.#alerts)}
      <h2 class="govuk-heading-m">Alerts</h2>
      ${this.#alertTable(this.#alerts)}
      <h2 class="govuk-heading-m">Orders</h2>
      ${this.#orders.map(order)}
      <h2 class="govuk-heading-m">Devices</h2>
      ${list(this.#worn, (worn) => html`${this.#troubles(worn.device)}${worn.device} (${words(worn.kind)}), from ${when(worn.from)}${worn.to ? html` to ${when(worn.to)}` : ''}`)}
      <h2 class="govuk-heading-m">Authorised absences</h2>
      ${list(this.#absences, (absence) => html`${absence.id}: ${when(absence.from)} to ${when(absence.to)}`)}`
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
    return html`<dl class="govuk-summary-list numbers">
      ${rows.map(([title, value]) =>
        value
          ? html`<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">${title}</dt><dd class="govuk-summary-list__value">${value}</dd></div>`
          : nothing,
      )}
    </dl>`
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

function order({ document }: Part<Order>): Content {
  if (!document) return nothing
  return html`<h3 class="govuk-heading-s">${document.id}, version ${document.version}: ${words(document.type.toLowerCase())}</h3>
    <p class="govuk-body">From ${when(document.from)}${document.to ? html` to ${when(document.to)}` : ''}</p>
    <ul class="govuk-list govuk-list--bullet">
      ${document.conditions.map(
        (condition) => html`<li>
          ${words(condition.kind)} (${condition.id})
          ${condition.windows?.map((window) => html`<br />${window.days.join(', ')}: ${window.start} to ${window.end}`)}
        </li>`,
      )}
    </ul>`
}

function list<D>(parts: Part<D>[], item: (document: D) => Content): Content {
  const documents = parts.map((part) => part.document).filter((document) => document !== null)
  if (documents.length === 0) return html`<p class="govuk-body">None.</p>`
  return html`<ul class="govuk-list govuk-list--bullet">${documents.map((document) => html`<li>${item(document)}</li>`)}</ul>`
}
