/** How the queues stand, what could not be used, and whether the system does its work. */

import { html, nothing } from 'lit-html'
import * as api from '../api'
import type { DeadLetter, Queue } from '../model'
import { age, errorSummary, messageOf, when, type Content, type Page } from '../view/dom'
import { work, type Work } from '../view/work'
import { place, words } from '../words'

/** How often it is asked again; the second time sooner, because a rate takes two answers. */
const EVERY_MS = 5_000
const SECOND_MS = 1_000

export class SystemPage implements Page {
  readonly title = 'Queues and system'
  #queues: Queue[] = []
  #letters: DeadLetter[] = []
  #ready: Awaited<ReturnType<typeof api.readiness>> | undefined
  #work: Work | undefined
  #error = ''
  #said = ''
  /** Why what could not be used is not shown: not everybody may see it. */
  #unread = ''
  #draw: () => void = () => {}
  #timers: ReturnType<typeof setTimeout>[] = []

  start(draw: () => void): void {
    this.#draw = draw
    const ask = () =>
      this.#load()
        .then(() => (this.#error = ''))
        .catch((error: unknown) => (this.#error = messageOf(error)))
        .finally(draw)
    void ask()
    // Reading dead letters is written to the audit trail: once is enough.
    void api.deadLetters().then(
      (letters) => (this.#letters = letters),
      (error: unknown) => (this.#unread = messageOf(error)),
    )
    this.#timers = [setTimeout(() => void ask(), SECOND_MS), setInterval(() => void ask(), EVERY_MS)]
  }

  stop(): void {
    this.#timers.forEach(clearTimeout)
  }

  async #load(): Promise<void> {
    const [queues, ready, now] = await Promise.all([api.queues(), api.readiness(), api.metrics()])
    this.#queues = queues
    this.#ready = ready
    this.#work = { now, before: this.#work?.now }
  }

  render(): Content {
    return html`${errorSummary(this.#error)} ${this.#state()}
      <h2 class="govuk-heading-m">Queues</h2>
      ${this.#table()}
      ${this.#queues.filter((queue) => queue.dead > 0).map((queue) => this.#putBack(queue))}
      <p class="govuk-body" role="status">${this.#said}</p>
      <h2 class="govuk-heading-m">Messages that could not be used</h2>
      ${this.#dead()}`
  }

  #state(): Content {
    if (!this.#ready) return nothing
    const { ready, reason, warning } = this.#ready
    return html`<p class="govuk-body-l">${ready ? '● Readings are taken in, decided on and kept.' : `▲ Not ready: ${reason ?? ''}`}</p>
      ${warning ? html`<p class="govuk-inset-text">${warning}</p>` : nothing}
      ${this.#work ? work(this.#work) : nothing}`
  }

  #table(): Content {
    return html`<div class="scrolls" tabindex="0" role="region" aria-label="Queues">
      <table class="govuk-table">
        <thead class="govuk-table__head">
          <tr class="govuk-table__row">
            <th scope="col" class="govuk-table__header">Queue</th>
            ${['Waiting', 'Handed out', 'Late', 'Given up', 'Acknowledged'].map((title) => html`<th scope="col" class="govuk-table__header govuk-table__header--numeric">${title}</th>`)}
            <th scope="col" class="govuk-table__header">Oldest</th>
          </tr>
        </thead>
        <tbody class="govuk-table__body">
          ${this.#queues.map(row)}
        </tbody>
      </table>
    </div>`
  }

  #putBack({ recipient, dead }: Queue): Content {
    const submitted = (event: SubmitEvent) => {
      event.preventDefault()
      const form = event.target as HTMLFormElement
      void this.#requeue(recipient, String(new FormData(form).get('reason'))).then(() => form.reset())
    }
    return html`<details class="govuk-details">
      <summary class="govuk-details__summary">
        <span class="govuk-details__summary-text">Put back ${dead} given up for ${place(recipient)}</span>
      </summary>
      <form class="govuk-details__text" @submit=${submitted}>
        <div class="govuk-form-group">
          <label class="govuk-label" for="reason-${recipient}">Why, such as “line mended”</label>
          <input class="govuk-input" id="reason-${recipient}" name="reason" maxlength="500" required />
        </div>
        <button class="govuk-button">Put back</button>
      </form>
    </details>`
  }

  async #requeue(queue: string, reason: string): Promise<void> {
    try {
      this.#said = `Put back: ${await api.requeue(queue, reason)}`
      await this.#load()
    } catch (error) {
      this.#error = messageOf(error)
    }
    this.#draw()
  }

  #dead(): Content {
    if (this.#unread) return html`<p class="govuk-body">Not shown: ${this.#unread}</p>`
    if (this.#letters.length === 0) return html`<p class="govuk-body">None.</p>`
    return html`<p class="govuk-body">The newest ${this.#letters.length}, as they were when this page was opened.</p>
      <ol class="govuk-list letters">${this.#letters.map(letter)}</ol>`
  }
}

function row(queue: Queue): Content {
  const worry = (count: number) => (count > 0 ? html`<strong class="count--over">${count}</strong>` : '0')
  return html`<tr class="govuk-table__row">
    <th scope="row" class="govuk-table__header">${place(queue.recipient)}</th>
    <td class="govuk-table__cell govuk-table__cell--numeric">${queue.ready}</td>
    <td class="govuk-table__cell govuk-table__cell--numeric">${queue.leased}</td>
    <td class="govuk-table__cell govuk-table__cell--numeric">${worry(queue.late)}</td>
    <td class="govuk-table__cell govuk-table__cell--numeric">${worry(queue.dead)}</td>
    <td class="govuk-table__cell govuk-table__cell--numeric">${queue.acknowledged}</td>
    <td class="govuk-table__cell">${when(queue.oldest_unacknowledged)}${queue.oldest_unacknowledged ? html`<br />${age(queue.oldest_unacknowledged)}` : nothing}</td>
  </tr>`
}

/** With its beginning, as it came: whoever mends a device wants to see it. */
function letter({ received_at, topic, reason, detail, payload, payload_encoding, payload_bytes, payload_cut }: DeadLetter): Content {
  return html`<li>
    ${when(received_at)}, <code>${topic}</code>: <strong>${words(reason)}</strong>, ${detail}
    <details class="govuk-details">
      <summary class="govuk-details__summary">
        <span class="govuk-details__summary-text">Its ${payload_bytes} bytes${payload_encoding === 'base64' ? ', in base64' : ''}${payload_cut ? ', the beginning' : ''}</span>
      </summary>
      <pre class="govuk-details__text letters__bytes">${payload}</pre>
    </details>
  </li>`
}
