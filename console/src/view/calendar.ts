/** How the last weeks went: alerts by the day on which what they are about began. */

import { html } from 'lit-html'
import { dateOf, isoDateOf, now, shortDateOf, weekdayOf } from '../clock'
import type { Alert, Instant } from '../model'
import { SILENT } from '../order'
import type { Content } from './dom'

/** So many weeks, the present one with them, each from Monday on. */
const WEEKS = 4

const DAY_MS = 24 * 60 * 60 * 1000

/** What somebody found to be excused is not held against the wearer. */
const NO_BREACH = ['reasonable_excuse', 'authorised_absence', 'equipment_fault']

/** `since`: when the first of the wearer's orders began; before, nothing could be complied with. */
export function calendar(alerts: Alert[], since: Instant | undefined): Content {
  const counted = new Map<string, number>()
  for (const alert of alerts.filter(counts)) {
    const date = dateOf(alert.onset)
    counted.set(date, (counted.get(date) ?? 0) + 1)
  }
  const silences = alerts.filter((alert) => SILENT.includes(alert.kind) && counts(alert))
  return html`<p class="govuk-body">Alerts by the day on which they began, without those that were withdrawn or excused.</p>
    <ol class="calendar" aria-label="Alerts by day, the last four weeks">
      ${days(now()).map((day) => cell(counted.get(dateOf(day)) ?? 0, day, without(day, since, silences)))}
    </ol>`
}

/** Noon in Greenwich of each of London's days from the Monday of the first week to today: no change of the clocks makes it another day. */
export function days(today: number): number[] {
  const noon = Date.parse(`${isoDateOf(today)}T12:00:00Z`)
  const all = Array.from({ length: WEEKS * 7 }, (_, ago) => noon - ago * DAY_MS).reverse()
  const monday = all.findIndex((day) => weekdayOf(day) === 'Mon')
  return all.slice(monday)
}

type Without = 'none' | 'unheard' | 'free'

/** What a day without alerts is: one of compliance only if there was an order, and somebody was heard. */
export function without(day: number, since: Instant | undefined, silences: Pick<Alert, 'onset' | 'state' | 'changed'>[]): Without {
  if (since === undefined || Date.parse(since) > day + DAY_MS / 2) return 'free'
  const unheard = silences.some(({ onset, state, changed }) => Date.parse(onset) <= day && (state === 'open' || day < Date.parse(changed)))
  return unheard ? 'unheard' : 'none'
}

function counts({ state, triage }: Alert): boolean {
  return state !== 'withdrawn' && !NO_BREACH.includes(triage.finding ?? '')
}

const SAID: Record<Without, string> = { none: 'none', unheard: 'not heard', free: 'no order' }

function cell(count: number, day: number, otherwise: Without): Content {
  const said = count > 0 ? `${count} ${count === 1 ? 'alert' : 'alerts'}` : SAID[otherwise]
  return html`<li class="calendar__day calendar__day--${count > 0 ? 'some' : otherwise}">
    <span class="calendar__date">${weekdayOf(day)} ${shortDateOf(day)}</span> <strong>${said}</strong>
  </li>`
}
