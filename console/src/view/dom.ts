/** What every page is made with. */

import { html, nothing, type TemplateResult } from 'lit-html'
import { clockTime, fullTime, now, shortTime, span } from '../clock'
import type { Alert, Instant, Severity } from '../model'
import { words } from '../words'

export type Content = TemplateResult | typeof nothing | string

/** A page: what it shows, and what it does while it is shown. */
export interface Page {
  title: string
  render(): Content
  /** Called once, with what draws the page again. */
  start(draw: () => void): void
  stop?(): void
  /** Called each second. Whether the page is to be drawn again. */
  tick?(): boolean
  /** A key pressed outside of a field. Whether it meant something. */
  key?(key: string): boolean
  /** After each drawing. */
  drawn?(): void
}

/** Shapes by severity, so that it is told apart without colours and from afar. */
const SHAPES: Record<Severity, TemplateResult> = {
  critical: html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true"><path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z" fill="currentColor" /><path d="M7 3h2v6H7zm0 8h2v2H7z" class="shape__cut" /></svg>`,
  high: html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1l8 14H0z" fill="currentColor" /></svg>`,
  medium: html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 0l8 8-8 8-8-8z" fill="none" stroke="currentColor" stroke-width="2" /></svg>`,
  low: html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" /></svg>`,
}

export function severityTag(severity: Severity): TemplateResult {
  return html`<strong class="govuk-tag severity severity--${severity}">${SHAPES[severity]}${words(severity)}</strong>`
}

/** An instant, with all of it as its title. */
export function when(instant: Instant | null | undefined, form = shortTime): Content {
  if (!instant) return '–'
  return html`<time datetime=${instant} title=${fullTime(instant)}>${form(instant)}</time>`
}

export const whenShort = (instant: Instant) => when(instant, clockTime)

/** How long ago. One text: a word of its own behind the number would move with it. */
export function age(instant: Instant): Content {
  return html`<span class="count">${`${span(now() - Date.parse(instant))} ago`}</span>`
}

/** What is left until somebody must have been told, while nobody has acknowledged the alert. */
export function countdown(alert: Alert): Content {
  if (alert.triage.stage !== 'new') {
    return html`<span class="count">${words(alert.triage.stage)}${by(alert)}</span>`
  }
  if (!alert.notify_by) return html`<span class="count">No time set</span>`
  const left = Date.parse(alert.notify_by) - now()
  if (left >= 0) return html`<span class="count">Tell within ${span(left)}</span>`
  return html`<strong class="count count--over">${`${span(-left)} overdue`}</strong>`
}

function by(alert: Alert): string {
  return alert.triage.acknowledged_by ? ` by ${alert.triage.acknowledged_by}` : ''
}

/** What is known of something, a row each. */
export function summaryList(rows: [string, Content][]): Content {
  return html`<dl class="govuk-summary-list numbers">
    ${rows.map(([title, value]) => summaryRow(title, value))}
  </dl>`
}

export function summaryRow(title: string, value: Content): Content {
  return html`<div class="govuk-summary-list__row">
    <dt class="govuk-summary-list__key">${title}</dt>
    <dd class="govuk-summary-list__value">${value}</dd>
  </div>`
}

/** Something went wrong with what the reader did or asked for. */
export function errorSummary(message: string, title = 'There is a problem'): Content {
  if (!message) return nothing
  return html`<div class="govuk-error-summary" role="alert" tabindex="-1">
    <h2 class="govuk-error-summary__title">${title}</h2>
    <div class="govuk-error-summary__body"><p>${message}</p></div>
  </div>`
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
