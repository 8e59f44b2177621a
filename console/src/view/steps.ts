/** What somebody can do about an alert, as a form; what people did, as a list. */

import { html, nothing } from 'lit-html'
import type { Alert, Step, StepWish } from '../model'
import { isAPerson, place, words } from '../words'
import { when, type Content } from './dom'

const MEANS = ['call', 'visit', 'message']
const ANSWERS = ['wearer', 'somebody_else', 'nobody']
const FINDINGS = ['reasonable_excuse', 'authorised_absence', 'equipment_fault', 'unreasonable']
const OUTCOMES = [
  'no_action', 'false_alert', 'contacted', 'warned', 'equipment_seen_to', 'breach_reported', 'recalled', 'arrested',
]

/** What can be done, and what the form asks for. */
const ACTIONS: { action: StepWish['action']; title: string; asks?: 'contact' | 'finding' | 'outcome' | 'to'; done: boolean; ofAPerson?: true }[] = [
  { action: 'contact', title: 'Record contact with the wearer', asks: 'contact', done: true, ofAPerson: true },
  { action: 'comment', title: 'Remark on it', done: true },
  { action: 'adjudicate', title: 'Say what it was', asks: 'finding', done: false },
  { action: 'escalate', title: 'Tell others', asks: 'to', done: false },
  { action: 'resolve', title: 'Resolve it', asks: 'outcome', done: false },
  { action: 'reopen', title: 'Take it up again', done: true },
]

export function steps(all: Step[]): Content {
  if (all.length === 0) return html`<p class="govuk-body">Nobody has done anything about it yet.</p>`
  return history(all, (step) => `${words(step.action)}${detail(step)}`)
}

/** Steps as a list, each under its title. */
export function history(all: Step[], title: (step: Step) => string): Content {
  return html`<ol class="moj-timeline history">
    ${all.map(
      (step) => html`<li class="moj-timeline__item">
        <div class="moj-timeline__header">
          <h3 class="moj-timeline__title">${title(step)}</h3>
          <p class="moj-timeline__byline">by ${step.actor}</p>
        </div>
        <p class="moj-timeline__date">${when(step.at)}</p>
        ${step.comment ? html`<div class="moj-timeline__description"><p>${step.comment}</p></div>` : nothing}
      </li>`,
    )}
  </ol>`
}

function detail(step: Step): string {
  if (step.means) return `: ${words(step.means).toLowerCase()}, answered by ${words(step.answer ?? '').toLowerCase()}`
  if (step.finding) return `: ${words(step.finding).toLowerCase()}`
  if (step.outcome) return `: ${words(step.outcome).toLowerCase()}`
  if (step.action === 'overdue' && !step.to?.length) return ': nobody left to tell'
  return step.to ? `: told ${step.to.map(place).join('; ')}` : ''
}

/** `queues`: whom others may be told through. `take` is called with what is wished. */
export function actions(alert: Alert, queues: string[], busy: boolean, take: (wish: StepWish) => void): Content {
  const resolved = alert.triage.stage === 'resolved'
  const person = isAPerson(alert.wearer)
  const possible = ACTIONS.filter(({ action, done, ofAPerson }) => (resolved ? done : action !== 'reopen') && (person || !ofAPerson))
  return html`
    ${alert.triage.stage === 'new'
      ? html`<button class="govuk-button acknowledge" ?disabled=${busy} @click=${() => take({ action: 'acknowledge', seen: alert.triage.steps })}>
          Acknowledge: I have it
        </button>`
      : nothing}
    ${possible.map(
      ({ action, title, asks }) => html`<details class="govuk-details action" name="action" data-action=${action}>
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">${title}</span></summary>
        <form class="govuk-details__text" @submit=${(event: SubmitEvent) => submitted(event, alert, action, take)}>
          ${asks === 'contact' ? html`${radios('means', 'How?', MEANS)} ${radios('answer', 'Who answered?', ANSWERS)}` : nothing}
          ${asks === 'finding' ? radios('finding', 'What was it?', FINDINGS) : nothing}
          ${asks === 'outcome' ? radios('outcome', 'What came of it?', OUTCOMES) : nothing}
          ${asks === 'to' ? recipients(queues) : nothing}
          <div class="govuk-form-group">
            <label class="govuk-label" for="why-${action}">${asks === 'contact' ? 'What was said or seen' : 'Why, in your words'}</label>
            <textarea class="govuk-textarea" id="why-${action}" name="comment" rows="3" maxlength="4000" required></textarea>
          </div>
          <button class="govuk-button" ?disabled=${busy}>${title}</button>
        </form>
      </details>`,
    )}
  `
}

function radios(name: string, legend: string, values: string[]): Content {
  return html`<fieldset class="govuk-fieldset govuk-form-group">
    <legend class="govuk-fieldset__legend">${legend}</legend>
    <div class="govuk-radios govuk-radios--small">
      ${values.map(
        (value) => html`<div class="govuk-radios__item">
          <input class="govuk-radios__input" id="${name}-${value}" type="radio" name=${name} value=${value} required />
          <label class="govuk-label govuk-radios__label" for="${name}-${value}">${words(value)}</label>
        </div>`,
      )}
    </div>
  </fieldset>`
}

function recipients(queues: string[]): Content {
  return html`<fieldset class="govuk-fieldset govuk-form-group">
    <legend class="govuk-fieldset__legend">Whom?</legend>
    <div class="govuk-checkboxes govuk-checkboxes--small">
      ${queues.map(
        (queue) => html`<div class="govuk-checkboxes__item">
          <input class="govuk-checkboxes__input" id="to-${queue}" type="checkbox" name="to" value=${queue} />
          <label class="govuk-label govuk-checkboxes__label" for="to-${queue}">${place(queue)}</label>
        </div>`,
      )}
    </div>
  </fieldset>`
}

/** `seen` has the step refused where somebody else has taken one meanwhile that is not shown here. */
function submitted(event: SubmitEvent, alert: Alert, action: StepWish['action'], take: (wish: StepWish) => void): void {
  event.preventDefault()
  const form = new FormData(event.target as HTMLFormElement)
  const wish: StepWish = { action, comment: String(form.get('comment') ?? ''), seen: alert.triage.steps }
  const finding = form.get('finding')
  const outcome = form.get('outcome')
  const means = form.get('means')
  const answer = form.get('answer')
  if (means) wish.means = String(means)
  if (answer) wish.answer = String(answer)
  if (finding) wish.finding = String(finding)
  if (outcome) wish.outcome = String(outcome)
  if (action === 'escalate') wish.to = form.getAll('to').map(String)
  take(wish)
}
