/** The vocabulary of the API (GET /openapi.json), as far as the console shows it. */

export type Severity = 'low' | 'medium' | 'high' | 'critical'
export type AlertState = 'open' | 'cleared' | 'withdrawn'
export type Stage = 'new' | 'acknowledged' | 'resolved'
export type Finding = 'reasonable_excuse' | 'authorised_absence' | 'equipment_fault' | 'unreasonable'

/** RFC 3339, in UTC. */
export type Instant = string

export interface Triage {
  stage: Stage
  steps: number
  acknowledged_by?: string
  acknowledged?: Instant
  finding?: Finding
  outcome?: string
  late: boolean
  rung: number
}

/** One position as a rule used it; lengths in metres, distance positive where it violates. */
export interface Fix {
  seq?: number
  observed_at: Instant
  lat: number
  lon: number
  src: string
  sigma_m: number
  distance_m: number
  /** What is written at it on a map. */
  label?: string
}

/** One reading of alcohol, in mg/100 mL. */
export interface Tac {
  observed_at: Instant
  tac: number
}

/** An absence that was counted against a budget of minutes. */
export interface Absence {
  from: Instant
  to: Instant
  counted_s: number
}

/**
 * What a decision rests on. Each rule has its own numbers; those named here are drawn, and all of them are
 * listed by name.
 */
export interface Evidence {
  rule: string
  policy?: string
  zone?: string
  place?: string
  radius_m?: number
  fixes?: Fix[]
  before?: Fix
  after?: Fix
  window_start?: Instant
  window_end?: Instant
  appointment_start?: Instant
  appointment_end?: Instant
  absent_from?: Instant
  absent_to?: Instant
  presence?: string
  presence_since?: Instant
  absences?: Absence[]
  rf?: { device: string; in_range: boolean; since: Instant; observed_at: Instant }
  readings?: Tac[]
  thresholds?: { tac: number }
  note?: string
  [number: string]: unknown
}

export interface Decision {
  alert: string
  revision: number
  wearer: string
  order?: string
  order_version?: number
  registry?: number
  condition?: string
  device?: string
  kind: string
  phase: 'opened' | 'updated' | 'cleared' | 'amended' | 'withdrawn'
  onset: Instant
  decided: Instant
  late: boolean
  evidence: Evidence
}

export interface Alert {
  alert: string
  wearer: string
  condition: string | null
  kind: string
  state: AlertState
  severity: Severity
  onset: Instant
  opened: Instant
  changed: Instant
  notify_by: Instant | null
  decision: Decision
  triage: Triage
  listed_under?: string
  lists: number
}

export interface Step {
  number: number
  at: Instant
  actor: string
  comment?: string
  action: 'acknowledge' | 'comment' | 'contact' | 'adjudicate' | 'escalate' | 'overdue' | 'resolve' | 'reopen'
  means?: string
  answer?: string
  finding?: Finding
  outcome?: string
  to?: string[]
  rung?: number
}

export interface AlertHistory {
  record: Alert
  decisions: Decision[]
  steps: Step[]
}

/** An event of the live stream. */
export interface LiveEvent {
  severity: Severity
  recipients: string[]
  decision: Decision
  step?: Step
}

export interface Queue {
  recipient: string
  ready: number
  leased: number
  dead: number
  late: number
  acknowledged: number
  oldest_unacknowledged: Instant | null
}

export interface DeadLetter {
  id: number
  received_at: Instant
  topic: string
  reason: string
  detail: string
  /** Its beginning, as text or, where it is none, in base64. */
  payload: string
  payload_encoding: 'utf8' | 'base64'
  payload_bytes: number
  payload_cut: boolean
}

/** A part of the registry. */
export interface Part<D = Record<string, unknown>> {
  kind: string
  id: string
  version: number
  revision: number
  at: Instant
  actor: string
  reason: string | null
  document: D | null
}

export interface Tiles {
  url: string
  attribution: string
}

export interface Settings {
  installation: string
  now: Instant
  /** Seconds of the installation's clock in one: 1, except in a demo. */
  speed: number
  /** Every kind of alert. */
  kinds: { name: string; title: string }[]
  curfew_budget: CurfewBudget | null
  /** Where maps get their pictures from. */
  tiles: Tiles | null
}

/** How much time out of curfew may be used up in a period. */
export interface CurfewBudget {
  budget_s: number
  warning_s: number | null
  /** Local days to a period; nought for as long as the condition lasts. */
  period_days: number
  /** Whether only orders of home detention curfew have one. */
  hdc_only: boolean
}

export interface Area {
  wearer: string
  police_force: string | null
  probation_region: string | null
}

/** A wish to do something about an alert. */
export interface StepWish {
  action: Step['action']
  comment?: string
  means?: string
  answer?: string
  finding?: string
  outcome?: string
  to?: string[]
  from?: Instant
  until?: Instant
  seen?: number
}

/** Who asks, as the service knows it. */
export interface Session {
  asks_for_tokens: boolean
  name: string | null
  role: string | null
  actor: string | null
  csrf: string | null
}

/** A position as a device reported it. */
export interface Position {
  t: Instant
  device: string
  lat: number
  lon: number
  /** In metres, by its own word. */
  acc?: number
}
