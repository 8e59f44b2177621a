/** The one place that asks the service for anything. */

import { createParser } from 'eventsource-parser'
import { Metrics } from './metrics'
import type {
  Alert,
  AlertHistory,
  Area,
  DeadLetter,
  LiveEvent,
  Part,
  Position,
  Queue,
  Session,
  Settings,
  Stage,
  Step,
  StepWish,
  Triage,
} from './model'

/** The most rows that the API lists at once. */
export const LIST_MAX = 1000

/** The service says something at least every 15 s; after this long without a word the line is dead. */
const SILENCE_MS_MAX = 40_000

/** Where the name of whoever sits here is kept between visits. */
const ACTOR_KEY = 'tagwatch.actor'

/** Why a request was not answered as asked. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail)
  }
}

/** Who the service says asks. */
let session: Session | undefined

/** Asks who is asking. Where nobody is signed in, the browser is sent to the door. */
export async function beginSession(): Promise<Session> {
  session = await get<Session>('/v1/session')
  return session
}

/** Whether whoever sits here signed in, and so need not say who they are. */
export const isSignedIn = () => Boolean(session?.actor)

export function actor(): string {
  return session?.actor ?? localStorage.getItem(ACTOR_KEY) ?? ''
}

export function setActor(name: string): void {
  localStorage.setItem(ACTOR_KEY, name.trim())
}

/** A header carries bytes; the service reads them as UTF-8. */
function headerText(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text))
}

function headers(): Headers {
  const headers = new Headers()
  if (actor()) headers.set('X-Actor', headerText(actor()))
  if (session?.csrf) headers.set('X-CSRF-Token', session.csrf)
  return headers
}

/** The longest that a request waits because there have been too many. */
const WAIT_S_MAX = 10

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const response = await askOnce(path, init)
    if (response.status !== 429) return answered(response)
    const wait_s = Number(response.headers.get('Retry-After') ?? 1)
    await new Promise((resume) => setTimeout(resume, Math.min(wait_s, WAIT_S_MAX) * 1000))
  }
}

async function askOnce(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { headers: headers(), ...init })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Refusal(0, 'The service cannot be reached.')
  }
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response
  if (response.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
  const problem = (await response.json().catch(() => ({}))) as { detail?: string }
  throw new Refusal(response.status, problem.detail ?? `The service answered ${response.status}.`)
}

async function get<T>(path: string): Promise<T> {
  return (await (await ask(path)).json()) as T
}

function query(params: Record<string, string | number | undefined>): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '')
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
}

export interface AlertQuery {
  stage?: Stage
  kind?: string
  wearer?: string
  listed_under?: string
  state?: string
  limit?: number
}

export async function alerts(wanted: AlertQuery): Promise<Alert[]> {
  const list = await get<{ alerts: Alert[] }>(`/v1/alerts?${query({ limit: LIST_MAX, ...wanted })}`)
  return list.alerts
}

export const alert = (id: string) => get<AlertHistory>(`/v1/alerts/${encodeURIComponent(id)}`)

export async function takeStep(id: string, wish: StepWish): Promise<{ step: Step; triage: Triage }> {
  const sent = headers()
  sent.set('Content-Type', 'application/json')
  const path = `/v1/alerts/${encodeURIComponent(id)}/steps`
  const response = await ask(path, { method: 'POST', headers: sent, body: JSON.stringify(wish) })
  return (await response.json()) as { step: Step; triage: Triage }
}

export async function queues(): Promise<Queue[]> {
  return (await get<{ queues: Queue[] }>('/v1/queues')).queues
}

/** Has everything that was given up of a queue handed out again. How many that is. */
export async function requeue(queue: string, reason: string): Promise<number> {
  const sent = headers()
  sent.set('X-Reason', headerText(reason))
  const path = `/v1/queues/${queue.split('/').map(encodeURIComponent).join('/')}/requeue`
  const response = await ask(path, { method: 'POST', headers: sent })
  return ((await response.json()) as { notifications: number }).notifications
}

export async function deadLetters(): Promise<DeadLetter[]> {
  return (await get<{ dead_letters: DeadLetter[] }>('/v1/dead-letters')).dead_letters
}

export function registered<D>(kind: string, id: string, revision?: number): Promise<Part<D>> {
  return get(`/v1/registry/${kind}/${encodeURIComponent(id)}?${query({ revision })}`)
}

export async function registeredOf<D>(kind: string, wearer: string): Promise<Part<D>[]> {
  return (await get<{ parts: Part<D>[] }>(`/v1/registry/${kind}?${query({ wearer, limit: LIST_MAX })}`)).parts
}

interface Positions {
  positions: Position[]
  cut: boolean
}

function positions(wearer: string, wanted: Record<string, string | number | undefined>): Promise<Positions> {
  return get(`/v1/wearers/${encodeURIComponent(wearer)}/trail?${query(wanted)}`)
}

const instant = (ms: number) => new Date(ms).toISOString()

/** As many positions as the service gives at once: two weeks of one a minute. */
const TRAIL_MAX = 20_000

/** The newest that there are from `from` to `to`, or to the present; in milliseconds since 1970. */
export async function trail(wearer: string, from: number, to?: number): Promise<Position[]> {
  const wanted = { from: instant(from), to: to === undefined ? undefined : instant(to), limit: TRAIL_MAX, newest: 'true' }
  return (await positions(wearer, wanted)).positions
}

/** How far back a last position is looked for. */
export const LAST_POSITION_DAYS = 28

/** Where a wearer was last, if they were anywhere in so many days before `now`. */
export async function lastPosition(wearer: string, now: number): Promise<Position | null> {
  const from = instant(now - LAST_POSITION_DAYS * 24 * 60 * 60 * 1000)
  return (await positions(wearer, { from, limit: 1, newest: 'true' })).positions[0] ?? null
}

export const settings = () => get<Settings>('/console/settings')

/** Where every wearer is looked after. */
export async function areas(): Promise<Area[]> {
  const all: Area[] = []
  for (;;) {
    const page = await get<{ areas: Area[] }>(`/console/areas?${query({ after: all.at(-1)?.wearer })}`)
    all.push(...page.areas)
    if (page.areas.length < LIST_MAX) return all
  }
}

/** Whether the service does its work, and what it says about it. */
export async function readiness(): Promise<{ ready: boolean; reason?: string; warning?: string }> {
  const response = await fetch('/readyz')
  const said = (await response.json()) as { reason?: string; warning?: string }
  return { ready: response.ok, ...said }
}

/** What the service counts, now. */
export async function metrics(): Promise<Metrics> {
  const text = await (await ask('/metrics')).text()
  return new Metrics(text, performance.now())
}

/**
 * Reads the live stream from after event `after`, or from now, until it ends or breaks.
 *
 * EventSource cannot say who is asking, and so what the audit trail is to name; fetch can.
 */
export async function stream(
  after: string | undefined,
  signal: AbortSignal,
  heard: (event: { id: string; data?: LiveEvent }) => void,
): Promise<void> {
  const asked = headers()
  asked.set('Accept', 'text/event-stream')
  if (after !== undefined) asked.set('Last-Event-ID', after)
  const silence = new AbortController()
  const response = await ask('/v1/alerts/stream', { headers: asked, signal: AbortSignal.any([signal, silence.signal]) })
  if (!response.body) throw new Refusal(0, 'The live stream has no body.')
  let id = after ?? ''
  const parser = createParser({
    onEvent: (event) => {
      id = event.id ?? id
      heard({ id, data: JSON.parse(event.data) as LiveEvent })
    },
  })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let first = true; ; first = false) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX)
    const { done, value } = await reader.read().finally(() => clearTimeout(timer))
    if (done) return
    // The greeting has a number and no data, of which no event is made.
    const greeting = first && /^id: ?(\d+)$/m.exec(value)?.[1]
    if (greeting) heard({ id: greeting })
    parser.feed(value)
  }
}
