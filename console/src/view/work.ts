/** Whether the service keeps up: how fast readings come in and how old they are, in all and by partition. */

import { html } from 'lit-html'
import { span } from '../clock'
import { Interval, type Metrics } from '../metrics'
import { summaryList, type Content } from './dom'

/** Two answers of `/metrics`, one after the other; none before there are two. */
export interface Work {
  now: Metrics
  before: Metrics | undefined
}

export function work({ now, before }: Work): Content {
  const interval = before && new Interval(before, now)
  const rows: [string, string][] = [
    ['Readings taken in', perSecond(interval?.rate('readings_total'))],
    ['From a reading to its intake, on average', lag(interval)],
    ['Readings taken in since the service began', count(now.sum('readings_total'))],
    ['Alerts that nobody acknowledged in time', count(now.sum('alerts_overdue_total'))],
    ['Messages that could not be used', count(now.sum('dead_letters_total'))],
    ['Messages that the broker dropped', count(now.sum('broker_messages_dropped_total'))],
    ['Notifications given up', count(now.sum('notifications_dead_total'))],
    ['Consoles that are watching', count(now.sum('live_stream_clients'))],
  ]
  return html`${summaryList(rows)}
    <h2 class="govuk-heading-m">Partitions</h2>
    ${partitions(now, interval)}`
}

function partitions(now: Metrics, interval: Interval | undefined): Content {
  const all = now.values('engine_wearers', 'partition')
  if (all.length === 0) return html`<p class="govuk-body">None is taken in here yet.</p>`
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="Partitions">
    <table class="govuk-table partitions">
      <thead class="govuk-table__head">
        <tr class="govuk-table__row">
          <th scope="col" class="govuk-table__header">Partition</th>
          <th scope="col" class="govuk-table__header">Intake</th>
          ${['Kept a second', 'Wearers', 'Registry revision'].map((title) => html`<th scope="col" class="govuk-table__header govuk-table__header--numeric">${title}</th>`)}
        </tr>
      </thead>
      <tbody class="govuk-table__body">
        ${all.map((partition) => row(partition, now, interval))}
      </tbody>
    </table>
  </div>`
}

function row(partition: string, now: Metrics, interval: Interval | undefined): Content {
  const numbers = [
    few(interval?.rate('committed_readings_total', { partition })) ?? '–',
    count(now.sum('engine_wearers', { partition })),
    count(now.sum('registry_revision', { partition })),
  ]
  return html`<tr class="govuk-table__row">
    <th scope="row" class="govuk-table__header">${partition}</th>
    <td class="govuk-table__cell">
      ${now.sum('intake_behind', { partition }) > 0 ? html`<strong class="count--over">▲ Behind</strong>` : '● Up to date'}
    </td>
    ${numbers.map((number) => html`<td class="govuk-table__cell govuk-table__cell--numeric">${number}</td>`)}
  </tr>`
}

/** A slow night has less than one a second. */
const few = (rate: number | undefined) => rate?.toLocaleString('en-GB', { maximumFractionDigits: rate < 10 ? 1 : 0 })

function perSecond(rate: number | undefined): string {
  const said = few(rate)
  return said === undefined ? 'not known yet' : `${said} a second`
}

function lag(interval: Interval | undefined): string {
  if (!interval) return 'not known yet'
  const mean = interval.mean('intake_lag_seconds')
  if (mean === undefined) return 'nothing came in just now'
  return mean < 60 ? `${mean.toFixed(1)} s` : span(mean * 1000)
}

const count = (number: number) => number.toLocaleString('en-GB')
