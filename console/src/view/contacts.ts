/** How the wearer was tried to be reached about an alert: when, how, by whom, and who answered. */

import { html } from 'lit-html'
import type { Step } from '../model'
import { words } from '../words'
import { when, type Content } from './dom'

export function contacts(steps: Step[]): Content {
  const tried = steps.filter(isContact)
  return html`<h2 class="govuk-heading-m">Contact with the wearer</h2>
    ${tried.length === 0
      ? html`<p class="govuk-body">Nobody has recorded a call, a visit or a message.</p>`
      : html`<div class="scrolls" tabindex="0" role="region" aria-label="Contact with the wearer">
          <table class="govuk-table contacts">
            <thead class="govuk-table__head">
              <tr class="govuk-table__row">
                ${['When', 'How', 'By', 'Answer', 'What was said'].map((title) => html`<th scope="col" class="govuk-table__header">${title}</th>`)}
              </tr>
            </thead>
            <tbody class="govuk-table__body">
              ${tried.map(
                (step) => html`<tr class="govuk-table__row">
                  ${[when(step.at), how(step), step.actor, answer(step), step.comment ?? ''].map(
                    (cell) => html`<td class="govuk-table__cell">${cell}</td>`,
                  )}
                </tr>`,
              )}
            </tbody>
          </table>
        </div>`}`
}

/** A resolution may say that the wearer was spoken to, too. */
function isContact({ action, outcome }: Step): boolean {
  return action === 'contact' || outcome === 'contacted' || outcome === 'warned'
}

const how = ({ means }: Step) => (means ? words(means) : 'Not said')

const answer = ({ answer, outcome }: Step) => words(answer ?? outcome ?? '')
