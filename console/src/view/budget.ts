/** How much of the minutes that may be missed of a curfew are used up, by the newest decision that counted them. */

import { html, nothing } from 'lit-html'
import type { Alert, Instant } from '../model'
import { when, type Content } from './dom'

interface Counted {
  budget_s: number
  counted_s: number
  excused_s: number
  period_start: Instant
}

export function budget(alerts: Alert[]): Content {
  const counted = alerts.filter((alert) => alert.decision.evidence.rule === 'atv')
  const newest = counted.sort((a, b) => Date.parse(b.changed) - Date.parse(a.changed))[0]
  if (!newest) return nothing
  const { budget_s, counted_s, excused_s, period_start } = newest.decision.evidence as unknown as Counted
  const minutes = (seconds: number) => Math.round(seconds / 60)
  return html`<p class="govuk-body budget">
    <label for="budget">Time out of curfew since ${when(period_start)}:</label>
    <progress id="budget" max=${budget_s} value=${Math.min(budget_s, counted_s)}></progress>
    <strong>${minutes(counted_s)} of ${minutes(budget_s)} min</strong>${excused_s > 0 ? html`, ${minutes(excused_s)} min excused` : nothing},
    as of ${when(newest.changed)}
  </p>`
}
