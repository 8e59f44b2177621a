/** The frame around every page: who sits here, whether the line is up, where one can go, and the keys. */

import { html, nothing, render } from 'lit-html'
import { live } from 'lit-html/directives/live.js'
import './style.scss'
import * as api from './api'
import { clockTime, fullTime, now, setClock, span, speed } from './clock'
import { Feed, type Line } from './feed'
import { AlertPage } from './pages/alert'
import { StreamPage } from './pages/stream'
import { SystemPage } from './pages/system'
import { WallPage } from './pages/wall'
import { WearerPage } from './pages/wearer'
import type { Settings } from './model'
import type { Content, Page } from './view/dom'
import { canSound, isOn, toggle } from './view/sound'
import { setTitles } from './words'

const BASE = '/console/'
const KEYS_KEY = 'tagwatch.keys'

/** The installation's clock is asked for again this often: this machine's drifts. */
const CLOCK_EVERY_MS = 60_000

const LINKS = [
  { path: '', title: 'Alerts' },
  { path: 'wall', title: 'Wall' },
  { path: 'system', title: 'Queues and system' },
]

const KEYS = [
  ['j, k', 'next, previous alert'],
  ['Enter', 'open it'],
  ['a', 'acknowledge it'],
  ['x', 'show what is listed under it'],
  ['n', 'show new alerts'],
  ['g', 'to the list of alerts'],
]

const app = document.getElementById('app') as HTMLElement
let page: Page
let feed: Feed
let settings: Settings

/** Single keys mean something unless switched off: they get in the way of speech input. */
const keysAreOn = () => localStorage.getItem(KEYS_KEY) !== 'off'

function pageAt(path: string): Page {
  const [first = '', second = ''] = path.slice(BASE.length).split('/').map(decodeURIComponent)
  if (first === 'alerts' && second) return new AlertPage(second, feed, settings.tiles)
  if (first === 'wearers' && second) return new WearerPage(second, settings, feed)
  if (first === 'wall') return new WallPage(feed, settings.tiles)
  if (first === 'system') return new SystemPage()
  return new StreamPage(feed)
}

function show(): void {
  page?.stop?.()
  page = pageAt(location.pathname)
  page.start(draw)
  draw()
}

function go(address: string): void {
  history.pushState(null, '', address)
  show()
  scrollTo(0, 0)
  document.querySelector<HTMLElement>('h1')?.focus()
}

function draw(): void {
  document.title = `${page.title} – tagwatch`
  render(frame(), app)
  page.drawn?.()
}

function frame(): Content {
  return html`
    <a href="#main" class="govuk-skip-link" @click=${skip}>Skip to main content</a>
    <header class="top">
      <a class="top__name" href=${BASE}>tagwatch</a>
      <nav class="top__links" aria-label="Pages">
        ${LINKS.map(
          ({ path, title }) =>
            html`<a href=${BASE + path} aria-current=${location.pathname === BASE + path ? 'page' : nothing}>${title}</a>`,
        )}
      </nav>
      <p class="top__clock"><span>${clockTime(now())}</span>${speed() > 1 ? html` <small>×${speed()}</small>` : nothing}</p>
      ${line()}
      <button class="top__button" aria-pressed=${isOn() ? 'true' : 'false'} @click=${switchSound}>
        Sound for critical: ${!isOn() ? 'off' : canSound() ? 'on' : 'on once you press any key'}
      </button>
      ${who()}
    </header>
    <main class="main" id="main" tabindex="-1">
      <h1 class="govuk-heading-l" tabindex="-1">${page.title}</h1>
      <p class="govuk-body-s print-only">${settings.installation}, printed ${fullTime(now())}${api.actor() ? ` by ${api.actor()}` : ''}</p>
      ${page.render()}
    </main>
    <footer class="foot">
      <p>${settings.installation} · <a class="govuk-link" href="/">Plain pages</a></p>
      <details>
        <summary class="govuk-link">Keys</summary>
        <dl class="keys">${KEYS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
        <label>
          <input type="checkbox" .checked=${live(keysAreOn())} @change=${switchKeys} />
          Single keys are on
        </label>
      </details>
    </footer>
    ${lost()}
  `
}

const STATES: Record<Line['state'], string> = { live: 'Live', connecting: 'Connecting', lost: 'Not live' }

/** As wide in every state, so that nothing moves when the line breaks. */
function line(): Content {
  const { state } = feed.line
  return html`<p class="top__line top__line--${state}">
    <span aria-hidden="true">${state === 'live' ? '●' : '▲'}</span>
    <span role="status">${STATES[state]}</span>
  </p>`
}

/** Over everything, for whoever has scrolled: what is on the screen may not be so any more. */
function lost(): Content {
  const { line } = feed
  if (line.state !== 'lost') return nothing
  return html`<p class="lost">▲ Not live for ${span(Date.now() - line.since)}: what is shown may be old</p>`
}

/** Who sits here, for the record: steps need a name. */
function who(): Content {
  if (api.isSignedIn()) {
    return html`<p class="top__who"><span>${api.actor()}</span> <a href="/sign-out">Sign out</a></p>`
  }
  return html`<label class="top__who">
    <span>You are</span>
    <input
      class="govuk-input govuk-input--width-10"
      autocomplete="username"
      spellcheck="false"
      placeholder="operator-17"
      .value=${live(api.actor())}
      @change=${(event: Event) => {
        api.setActor((event.target as HTMLInputElement).value)
        draw()
      }}
    />
  </label>`
}

function switchSound(): void {
  toggle()
  draw()
}

function switchKeys(event: Event): void {
  localStorage.setItem(KEYS_KEY, (event.target as HTMLInputElement).checked ? 'on' : 'off')
}

function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** Links within the console do not load it again, nor lose the live stream. */
function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest('a')
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0
  if (!link || elsewhere || !link.pathname.startsWith(BASE) || link.origin !== location.origin || link.hash) return
  event.preventDefault()
  go(link.pathname + link.search)
}

function pressed(event: KeyboardEvent): void {
  const target = event.target as Element
  const inField = target.matches('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey
  if (inField || !keysAreOn()) return
  if (event.key === 'g') return go(BASE)
  if (page.key?.(event.key)) event.preventDefault()
}

async function askTheTime(): Promise<void> {
  settings = await api.settings()
  setClock(settings)
}

async function begin(): Promise<void> {
  await api.beginSession()
  await askTheTime()
  setTitles(settings.kinds)
  feed = new Feed(settings.kinds.map((kind) => kind.name))
  feed.addEventListener('change', draw)
  document.addEventListener('click', follow)
  document.addEventListener('keydown', pressed)
  addEventListener('popstate', show)
  setInterval(() => page.tick?.() !== false && draw(), 1000)
  setInterval(() => void askTheTime().catch(() => {}), CLOCK_EVERY_MS)
  void feed.run()
  show()
}

begin().catch((error: unknown) => {
  render(html`<p class="govuk-body" role="alert">The console cannot begin: ${String(error)} <a href="/">Plain pages</a></p>`, app)
})
