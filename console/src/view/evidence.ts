/** The numbers a decision compared, by name; what is drawn elsewhere is left to the drawing and its table. */

import { html, nothing } from 'lit-html'
import { span } from '../clock'
import type { Evidence, Fix } from '../model'
import { inSentence, quantity, readable, words } from '../words'
import { summaryRow, when, type Content } from './dom'

const INSTANT = /^\d{4}-\d\d-\d\dT/

/** Lists, which have tables or drawings of their own. */
const DRAWN = new Set(['fixes', 'before', 'after', 'readings', 'absences'])

export function fixesOf(evidence: Evidence): Fix[] {
  const crossing = [evidence.before, evidence.after].filter((fix) => fix !== undefined)
  return evidence.fixes ?? crossing
}

export function numbers(evidence: Evidence): Content {
  return html`<dl class="govuk-summary-list govuk-summary-list--no-border numbers">${pairs('', evidence)}</dl>`
}

function pairs(prefix: string, values: object): Content[] {
  return Object.entries(values)
    .filter(([name]) => !DRAWN.has(name))
    .map(([name, value]: [string, unknown]) => {
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
        return html`${pairs(`${prefix}${words(name)}: `, value)}`
      }
      const { title, unit } = quantity(name)
      const named = `${prefix}${prefix ? inSentence(title) : title}`
      return summaryRow(named, html`${written(value)} ${unit}${inWords(value, unit)}`)
    })
}

/** Many seconds are not a time that anybody knows. */
function inWords(value: unknown, unit: string): string {
  return unit === 's' && typeof value === 'number' && value >= 120 ? ` (${span(value * 1000)})` : ''
}

function written(value: unknown): Content {
  if (typeof value === 'string') return INSTANT.test(value) ? when(value) : readable(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'string' ? words(one) : JSON.stringify(one))).join(', ')
  return String(value)
}

export function fixTable(fixes: Fix[]): Content {
  if (fixes.length === 0) return nothing
  return html`<details class="govuk-details">
    <summary class="govuk-details__summary"><span class="govuk-details__summary-text">The ${fixes.length} fixes, as a table</span></summary>
    <div class="scrolls" tabindex="0" role="region" aria-label="Fixes">
      <table class="govuk-table">
        <thead class="govuk-table__head">
          <tr class="govuk-table__row">
            <th scope="col" class="govuk-table__header">Observed</th>
            <th scope="col" class="govuk-table__header">Latitude, longitude</th>
            <th scope="col" class="govuk-table__header">By</th>
            <th scope="col" class="govuk-table__header govuk-table__header--numeric">Uncertain by (m)</th>
            <th scope="col" class="govuk-table__header govuk-table__header--numeric">Violates by (m)</th>
          </tr>
        </thead>
        <tbody class="govuk-table__body">
          ${fixes.map(
            (fix) => html`<tr class="govuk-table__row">
              <td class="govuk-table__cell">${when(fix.observed_at)}</td>
              <td class="govuk-table__cell">${fix.lat}, ${fix.lon}</td>
              <td class="govuk-table__cell">${fix.src}</td>
              <td class="govuk-table__cell govuk-table__cell--numeric">${fix.sigma_m}</td>
              <td class="govuk-table__cell govuk-table__cell--numeric">${fix.distance_m}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}
