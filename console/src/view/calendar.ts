/** How the last four weeks went: alerts by the day on which what they are about began. */

import { html } from 'lit-html'
import { dateOf, now } from '../clock'
import type { Alert } from '../model'
import type { Content } from './dom'

/** Four weeks fill a calendar whatever day it is. */
const DAYS = 28

const DAY_MS = 24 * 60 * 60 * 1000

/** What somebody found to be excused is not held against the wearer. */
const NO_BREACH = ['reasonable_excuse', 'authorised_absence', 'equipment_fault']

export function calendar(alerts: Alert[]): Content {
  const counted = new Map<string, number>()
  for (const alert of alerts.filter(counts)) {
    const date = dateOf(alert.onset)
    counted.set(date, (counted.get(date) ?? 0) + 1)
  }
  const days = Array.from({ length: DAYS }, (_, index) => dateOf(now() - (DAYS - 1 - index) * DAY_MS))
  return html`<ol class="calendar" aria-label="Alerts by day, the last four weeks">
    ${days.map((date) => day(date, counted.get(date) ?? 0))}
  </ol>`
}

function counts({ state, triage }: Alert): boolean {
  return state !== 'withdrawn' && !NO_BREACH.includes(triage.finding ?? '')
}

function day(date: string, count: number): Content {
  const said = count === 0 ? 'none' : `${count}`
  return html`<li class=${count > 0 ? 'calendar__day calendar__day--some' : 'calendar__day'}>
    <span>${date}</span> <strong>${count === 0 ? '–' : count}</strong><span class="govuk-visually-hidden"> alerts: ${said}</span>
  </li>`
}
