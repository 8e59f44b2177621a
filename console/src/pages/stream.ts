/** All alerts that somebody has to deal with, as they come in. */

import { html, nothing } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import { repeat } from 'lit-html/directives/repeat.js'
import * as api from '../api'
import type { Feed } from '../feed'
import type { Alert, Area, Severity } from '../model'
import { byUrgency, cohortOf, FILTER_NAMES, filterOf, hiddenCriticals, isNews, matches, rows, searchOf, toShow, type Filter, type Row } from '../order'
import { age, countdown, messageOf, severityTag, when, type Content, type Page } from '../view/dom'
import { sound } from '../view/sound'
import { slice, type Slice } from '../view/window'
import { place, title, words } from '../words'

export class StreamPage implements Page {
  readonly title = 'Alerts'
  #filter: Filter = filterOf(location.search)
  #areas = new Map<string, Area>()
  /** The alerts in their places: new ones, and new places, wait until they are asked for. */
  #shown: string[] = []
  /** Those as rows: put together when they change, not each time that they are drawn. */
  #all: Row[] = []
  /** What is not in its place yet. */
  #waiting: Alert[] = []
  #opened = new Set<string>()
  /** How severe each alert was when it was last seen, to notice what is new or has become worse. */
  #seen = new Map<string, Severity>()
  /** How severe each was when it was put in its place. */
  #placed = new Map<string, Severity>()
  #selected = ''
  #slice: Slice = { first: 0, end: 0 }
  #focusSelected = false
  #error = ''
  /** What was done, and what came in: one must not talk over the other. */
  #said = { done: '', news: '' }
  #draw: () => void = () => {}
  readonly #place = () => this.#reslice() && this.#draw()
  readonly #news = () => this.#took()

  constructor(private readonly feed: Feed) {}

  start(draw: () => void): void {
    this.#draw = draw
    this.feed.addEventListener('change', this.#news)
    addEventListener('scroll', this.#place, { passive: true })
    addEventListener('resize', this.#place, { passive: true })
    this.#took()
    api.areas().then(
      (areas) => {
        this.#areas = new Map(areas.map((area) => [area.wearer, area]))
        if (this.#filter.force || this.#filter.region) this.#arrange()
        else this.#compose()
      },
      (error: unknown) => this.#tell(`Forces and regions are not known: ${messageOf(error)}`),
    )
  }

  stop(): void {
    this.feed.removeEventListener('change', this.#news)
    removeEventListener('scroll', this.#place)
    removeEventListener('resize', this.#place)
  }

  tick(): boolean {
    return true
  }

  #matching(): Alert[] {
    return [...this.feed.alerts.values()].filter((alert) => matches(alert, this.#filter, this.#areas.get(alert.wearer)))
  }

  /** What came in: changes are shown where they are; what is new waits, unless there is nothing to disturb. */
  #took(): void {
    if (!this.feed.loaded) return this.#draw()
    const matching = this.#matching()
    const fresh = matching.filter((alert) => alert.triage.stage === 'new' && isNews(alert, this.#seen))
    const first = this.#seen.size === 0
    for (const alert of matching) this.#seen.set(alert.alert, alert.severity)
    if (!first) this.#announce(fresh)
    if (this.#shown.length === 0) return this.#arrange()
    this.#compose()
  }

  #announce(fresh: Alert[]): void {
    const critical = fresh.filter((alert) => alert.severity === 'critical')
    if (critical.length > 0) {
      this.#said.news = `${critical.length} new critical: ${critical.map((alert) => title(alert.kind)).join(', ')}`
      void sound()
    } else if (fresh.length > 0) {
      this.#said.news = `${fresh.length} new`
    }
  }

  /** Puts everything in its place. */
  #arrange(): void {
    const all = this.#matching().sort(byUrgency)
    this.#shown = all.map((alert) => alert.alert)
    this.#placed = new Map(all.map((alert) => [alert.alert, alert.severity]))
    this.#compose()
  }

  #compose(): void {
    const alerts = this.#shown.map((id) => this.feed.alerts.get(id)).filter((alert) => alert !== undefined)
    this.#all = rows(alerts, this.#opened)
    this.#waiting = this.#matching().filter((alert) => isNews(alert, this.#placed))
    this.#reslice()
    this.#draw()
  }

  #reslice(): boolean {
    const list = document.querySelector<HTMLElement>('.alerts')
    const next = slice(this.#all.length, rowPx(), list?.getBoundingClientRect().top ?? 0, innerHeight)
    if (next.first === this.#slice.first && next.end === this.#slice.end) return false
    this.#slice = next
    return true
  }

  #tell(message: string): void {
    this.#error = message
    this.#draw()
  }

  #filterBy(name: keyof Filter, value: string): void {
    this.#filter = { ...this.#filter, [name]: value }
    history.replaceState(null, '', `${location.pathname}${searchOf(this.#filter)}`)
    this.#arrange()
  }

  async #acknowledge(alert: Alert): Promise<void> {
    try {
      await api.takeStep(alert.alert, { action: 'acknowledge' })
      this.#said.done = `Acknowledged: ${title(alert.kind)}, ${alert.wearer}`
      this.#error = ''
    } catch (error) {
      this.#error = `Not acknowledged: ${messageOf(error)}`
    }
    this.feed.touch(alert.wearer)
    this.#draw()
  }

  /** The button goes once it has done its work: whoever goes by the keyboard must not be sent back to the top. */
  #pressed(event: Event, alert: Alert): void {
    const row = (event.target as Element).closest('.row')
    row?.querySelector<HTMLElement>('.row__link')?.focus({ preventScroll: true })
    void this.#acknowledge(alert)
  }

  key(key: string): boolean {
    const all = this.#all
    const at = all.findIndex((row) => keyOf(row) === this.#selected)
    if (key === 'j') return this.#select(all, at + 1)
    if (key === 'k') return this.#select(all, at < 0 ? 0 : at - 1)
    if (key === 'n') return this.#arrange(), true
    const row = all[at]
    if (!row) return false
    if (key === 'a' && row.alert.triage.stage === 'new') return void this.#acknowledge(row.alert), true
    if (key === 'x' && row.alert.lists > 0) return this.#open(row.alert), true
    return false
  }

  #select(all: Row[], at: number): boolean {
    const row = all[Math.max(0, Math.min(at, all.length - 1))]
    if (!row) return false
    this.#selected = keyOf(row)
    this.#focusSelected = true
    const list = document.querySelector<HTMLElement>('.alerts')
    const place = Math.max(0, Math.min(at, all.length - 1))
    const top = (list?.getBoundingClientRect().top ?? 0) + place * rowPx()
    if (top < rowPx() || top + rowPx() > innerHeight) scrollBy(0, top - innerHeight / 2)
    this.#reslice()
    this.#draw()
    return true
  }

  #open(alert: Alert): void {
    if (!this.#opened.delete(alert.alert)) this.#opened.add(alert.alert)
    this.#compose()
  }

  drawn(): void {
    const list = document.querySelector<HTMLElement>('.alerts')
    // Not in the markup: the content security policy forbids styles that stand there.
    list?.style.setProperty('--before', String(this.#slice.first))
    list?.style.setProperty('--rows', String(this.#all.length))
    // Once the list has its height it may be elsewhere; not at once, for a drawing is under way.
    if (this.#reslice()) requestAnimationFrame(() => this.#draw())
    if (!this.#focusSelected) return
    this.#focusSelected = false
    list?.querySelector<HTMLElement>('.row--selected .row__link')?.focus({ preventScroll: true })
  }

  render(): Content {
    if (!this.feed.loaded && this.feed.alerts.size === 0) return html`<p class="govuk-body">Loading alerts…</p>`
    const all = this.#all
    const waiting = this.#waiting
    return html`
      ${this.feed.incomplete ? html`<p class="lost">▲ ${this.feed.incomplete}</p>` : nothing}
      ${this.#filters()}
      <div class="above">
        <p class="govuk-body above__count">
          <strong>${all.length}</strong> ${all.length === 1 ? 'alert' : 'alerts'} to deal with, most urgent first${this.#leftOut()}
        </p>
        <button class="govuk-button above__new" ?hidden=${waiting.length === 0} @click=${() => this.#arrange()}>
          ${toShow(waiting)}
        </button>
        ${this.#problem()}
      </div>
      <p class="govuk-visually-hidden" role="status">${this.#said.done}</p>
      <p class="govuk-visually-hidden" role="status">${this.#said.news}</p>
      ${all.length === 0 ? html`<p class="govuk-body">${this.#filtersUsed() > 0 ? 'Nothing that the filters let through.' : 'Nothing to deal with.'}</p>` : nothing}
      <ol class="alerts" aria-label="Alerts">
        ${repeat(all.slice(this.#slice.first, this.#slice.end), keyOf, (row, index) =>
          this.#row(row, this.#slice.first + index + 1, all.length),
        )}
      </ol>
    `
  }

  /** Criticals that the filters leave out: a list without them must not look like all there is. */
  #leftOut(): Content {
    const left = this.#filtersUsed() > 0 ? hiddenCriticals(this.feed.alerts.values(), this.#matching()) : 0
    return left === 0 ? nothing : html`. <strong class="count--over">Not shown: ${left} critical</strong>`
  }

  /** Over the list, not above it: it must be seen wherever the list stands, and move nothing. */
  #problem(): Content {
    if (!this.#error) return nothing
    return html`<div class="above__problem" role="alert">
      <p class="govuk-body"><strong>There is a problem.</strong> ${this.#error}</p>
      <button class="govuk-link filters__clear" @click=${() => this.#tell('')}>Close</button>
    </div>`
  }

  #row(row: Row, position: number, of: number): Content {
    const { alert } = row
    const classes = [
      'row',
      `row--${alert.severity}`,
      row.member ? 'row--member' : '',
      keyOf(row) === this.#selected ? 'row--selected' : '',
    ]
    const opened = this.#opened.has(alert.alert)
    const area = this.#areas.get(alert.wearer)
    return html`<li
      class=${classes.join(' ')}
      aria-posinset=${position}
      aria-setsize=${of}
      data-alert=${alert.alert}
      @focusin=${() => (this.#selected = keyOf(row))}
    >
      <div class="row__severity">${severityTag(alert.severity)}</div>
      <div class="row__what">
        <a class="govuk-link row__link" href="/console/alerts/${alert.alert}">${title(alert.kind)}</a>
        <span class="row__state">${words(alert.state)}${alert.triage.late ? ', late' : ''}</span>
        ${alert.lists > 0
          ? html`<button
              class="govuk-link row__more"
              aria-expanded=${opened ? 'true' : 'false'}
              @click=${() => this.#open(alert)}
            >
              ${alert.lists} listed under it
            </button>`
          : nothing}
      </div>
      <div class="row__who">
        <a class="govuk-link govuk-link--no-visited-state" href="/console/wearers/${alert.wearer}">${alert.wearer}</a>
        <span class="row__area">${area?.police_force ? place(area.police_force) : ''}</span>
      </div>
      <div class="row__when">${when(alert.onset)} <span class="row__age">${age(alert.onset)}</span></div>
      <div class="row__due">${countdown(alert)}</div>
      <div class="row__act">
        ${alert.triage.stage === 'new'
          ? html`<button class="govuk-button govuk-button--secondary row__acknowledge" @click=${(event: Event) => this.#pressed(event, alert)}>
              Acknowledge<span class="govuk-visually-hidden">: ${title(alert.kind)}, ${alert.wearer}</span>
            </button>`
          : nothing}
      </div>
    </li>`
  }

  #filters(): Content {
    const alerts = [...this.feed.alerts.values()]
    const areas = [...this.#areas.values()]
    const options: Record<keyof Filter, string[]> = {
      severity: ['critical', 'high', 'medium', 'low'],
      kind: sorted(alerts.map((alert) => alert.kind)),
      state: ['open', 'cleared', 'withdrawn'],
      stage: ['new', 'acknowledged'],
      force: sorted(areas.map((area) => area.police_force)),
      region: sorted(areas.map((area) => area.probation_region)),
      cohort: sorted(alerts.map(cohortOf)),
    }
    const used = this.#filtersUsed()
    return html`<details class="filters" ?open=${used > 0 || innerWidth > 640}>
      <summary class="govuk-link">Filter${used > 0 ? ` (${used} in use)` : ''}</summary>
      <div class="filters__fields">
        ${FILTER_NAMES.map((name) => this.#field(name, options[name]))}
        <button class="govuk-link filters__clear" ?hidden=${used === 0} @click=${() => this.#clear()}>Clear filters</button>
      </div>
    </details>`
  }

  #filtersUsed(): number {
    return FILTER_NAMES.filter((name) => this.#filter[name]).length
  }

  #clear(): void {
    for (const name of FILTER_NAMES) this.#filter[name] = ''
    this.#filterBy('kind', '')
  }

  #field(name: keyof Filter, values: string[]): Content {
    const chosen = this.#filter[name]
    const all = chosen && !values.includes(chosen) ? [chosen, ...values] : values
    return html`<label class="filters__field">
      <span class="govuk-label">${TITLES[name]}</span>
      <select
        class="govuk-select"
        .value=${live(chosen)}
        @change=${(event: Event) => this.#filterBy(name, (event.target as HTMLSelectElement).value)}
      >
        <option value="" ?selected=${chosen === ''}>Any</option>
        ${all.map((value) => html`<option value=${value} ?selected=${chosen === value}>${name === 'kind' ? title(value) : place(value)}</option>`)}
      </select>
    </label>`
  }
}

const TITLES: Record<keyof Filter, string> = {
  severity: 'Severity',
  kind: 'Kind',
  state: 'State',
  stage: 'Work',
  force: 'Police force',
  region: 'Probation region',
  cohort: 'Cohort',
}

/** A row's own name: what is critical and listed under another is there twice. */
const keyOf = (row: Row) => `${row.alert.alert}${row.member ? ':member' : ''}`

function sorted(values: (string | null)[]): string[] {
  return [...new Set(values.filter((value): value is string => value !== null))].sort()
}

/** The height of a row in pixels: style.scss sets it as --row, in rem. */
function rowPx(): number {
  const root = getComputedStyle(document.documentElement)
  return Number.parseFloat(root.getPropertyValue('--row')) * Number.parseFloat(root.fontSize)
}
