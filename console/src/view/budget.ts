/** How much of the time that may be missed of a curfew is used up: of each order that has such a budget. */

import { html, nothing } from 'lit-html'
import { now } from '../clock'
import type { Alert, CurfewBudget, Instant } from '../model'
import { when, type Content } from './dom'

/** What of an order says whether it has a budget. */
export interface Budgeted {
  id: string
  hdc?: boolean
  from: Instant
  to?: Instant | null
  conditions: { id: string; kind: string }[]
}

interface Counted {
  budget_s: number
  counted_s: number
  excused_s: number
  period_start: Instant
  period_end?: Instant
}

export function budgets(orders: Budgeted[], rules: CurfewBudget | null, alerts: Alert[]): Content {
  if (!rules) return nothing
  const has = orders.filter((order) => (order.hdc || !rules.hdc_only) && isInForce(order))
  const curfews = has.flatMap(({ conditions }) => conditions.filter(({ kind }) => kind === 'curfew'))
  return html`${curfews.map(({ id }) => budget(id, rules, alerts.filter(({ condition }) => condition === id)))}`
}

function isInForce({ from, to }: Budgeted): boolean {
  return Date.parse(from) <= now() && (!to || now() < Date.parse(to))
}

function budget(condition: string, rules: CurfewBudget, alerts: Alert[]): Content {
  const newest = lastCounted(alerts)
  if (!newest) return uncounted(condition, rules)
  const { budget_s, counted_s, excused_s, period_start } = newest.decision.evidence as unknown as Counted
  return html`<p class="govuk-body budget">
    <label for="budget-${condition}">Time out of curfew (ATV), ${condition}, since ${when(period_start)}:</label>
    <progress id="budget-${condition}" max=${budget_s} value=${Math.min(budget_s, counted_s)}></progress>
    <strong>${minutes(counted_s)} of ${minutes(budget_s)} min used</strong>${excused_s > 0 ? html`, ${minutes(excused_s)} min excused` : nothing},
    as of ${when(newest.changed)}
  </p>`
}

/** The newest decision that counted the present period. */
function lastCounted(alerts: Alert[]): Alert | undefined {
  const counted = alerts.filter(({ decision: { evidence } }) => {
    const { period_end } = evidence as unknown as Counted
    return evidence.rule === 'atv' && (!period_end || now() < Date.parse(period_end))
  })
  return counted.sort((a, b) => Date.parse(b.changed) - Date.parse(a.changed))[0]
}

/** The engine tells of the warning and of the end of a budget at the minute they are reached: neither has been. */
function uncounted(condition: string, { budget_s, warning_s, period_days }: CurfewBudget): Content {
  return html`<p class="govuk-body budget">
    Time out of curfew (ATV), ${condition}: <strong>under ${minutes(warning_s ?? budget_s)} of ${minutes(budget_s)} min used</strong>
    ${period_days > 0 ? html`in this period of ${period_days} days` : html`since it began`}:
    ${warning_s === null ? 'the budget has not been used up.' : 'no warning has been reached.'}
  </p>`
}

const minutes = (seconds: number) => Math.round(seconds / 60)
