/** What an alert gathers, such as the alerts of an incident. */

import { html, nothing } from 'lit-html'
import type { Alert } from '../model'
import { words, title } from '../words'
import { severityTag, when, type Content } from './dom'

/** The most that are shown; the alert stream has all. */
export const LISTED_MAX = 100

export function listed(alerts: Alert[], total: number): Content {
  if (total === 0) return nothing
  return html`<h2 class="govuk-heading-m">What it lists</h2>
    <p class="govuk-body">${total} alerts${total > alerts.length && alerts.length > 0 ? `, of which the ${alerts.length} changed last` : ''}</p>
    <div class="scrolls" tabindex="0" role="region" aria-label="What it lists">
    <table class="govuk-table listed">
      <thead class="govuk-table__head">
        <tr class="govuk-table__row">
          ${['Alert', 'Wearer', 'Began', 'State', 'Work'].map((name) => html`<th scope="col" class="govuk-table__header">${name}</th>`)}
        </tr>
      </thead>
      <tbody class="govuk-table__body">
        ${alerts.map(
          (alert) => html`<tr class="govuk-table__row">
            <td class="govuk-table__cell">
              ${severityTag(alert.severity)} <a class="govuk-link" href="/console/alerts/${alert.alert}">${title(alert.kind)}</a>
            </td>
            <td class="govuk-table__cell">${alert.wearer}</td>
            <td class="govuk-table__cell">${when(alert.onset)}</td>
            <td class="govuk-table__cell">${words(alert.state)}</td>
            <td class="govuk-table__cell">${words(alert.triage.stage)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    </div>`
}
