/** How the wearer was tried to be reached about an alert: when, how, by whom, and who answered. */

import { html } from 'lit-html'
import type { Step } from '../model'
import { words } from '../words'
import type { Content } from './dom'
import { history } from './steps'

export function contacts(steps: Step[]): Content {
  const tried = steps.filter(isContact)
  return html`<section class="contacts" aria-labelledby="contacts">
    <h2 class="govuk-heading-m" id="contacts">Contact with the wearer</h2>
    ${tried.length === 0
      ? html`<p class="govuk-body">Nobody has recorded a call, a visit or a message.</p>`
      : history(tried, (step) => `${how(step)}, ${answered(step)}`)}
  </section>`
}

/** A resolution may say that the wearer was spoken to, too. */
function isContact({ action, outcome }: Step): boolean {
  return action === 'contact' || outcome === 'contacted' || outcome === 'warned'
}

const how = ({ means }: Step) => (means ? words(means) : 'Contact')

/** Who answered, or what came of it. */
const answered = ({ answer, outcome }: Step) =>
  answer ? `answered by ${words(answer).toLowerCase()}` : words(outcome ?? '').toLowerCase()
