/** Which alerts are shown, and in which order. Pure. */

import type { Alert, Area, Severity } from './model'

const RANK: Record<Severity, number> = { critical: 3, high: 2, medium: 1, low: 0 }

/** Whether an alert was not there, or was less severe, when `known` was written down. */
export function isNews(alert: Alert, known: ReadonlyMap<string, Severity>): boolean {
  const before = known.get(alert.alert)
  return before === undefined || RANK[alert.severity] > RANK[before]
}

/** What news waits to be shown: what cannot wait is said before it is looked at. */
export function toShow(waiting: Alert[]): string {
  const criticals = waiting.filter(({ severity }) => severity === 'critical').length
  return `Show new alerts: ${waiting.length}${criticals > 0 ? `, critical: ${criticals}` : ''}`
}

/**
 * Most urgent first: by severity, then those that nobody has, then by when somebody must have been told, then the
 * oldest.
 */
export function byUrgency(a: Alert, b: Alert): number {
  return (
    RANK[b.severity] - RANK[a.severity] ||
    Number(a.triage.stage !== 'new') - Number(b.triage.stage !== 'new') ||
    due(a) - due(b) ||
    Date.parse(a.onset) - Date.parse(b.onset) ||
    (a.alert < b.alert ? -1 : 1)
  )
}

function due(alert: Alert): number {
  return alert.notify_by ? Date.parse(alert.notify_by) : Number.MAX_SAFE_INTEGER
}

/** What is to be shown; an empty text means any. */
export interface Filter {
  severity: string
  kind: string
  state: string
  stage: string
  force: string
  region: string
  cohort: string
}

export const FILTER_NAMES = ['severity', 'kind', 'state', 'stage', 'force', 'region', 'cohort'] as const

export function filterOf(search: string): Filter {
  const params = new URLSearchParams(search)
  const filter = {} as Filter
  for (const name of FILTER_NAMES) filter[name] = params.get(name) ?? ''
  return filter
}

/** The query string of an address that shows the same, without what is not filtered by. */
export function searchOf(filter: Filter): string {
  const params = new URLSearchParams()
  for (const name of FILTER_NAMES) if (filter[name]) params.set(name, filter[name])
  const text = params.toString()
  return text ? `?${text}` : ''
}

/** The cohort by whose rules an alert was judged, which the name of the rules ends in; none: by everybody's. */
export function cohortOf({ decision }: Alert): string | null {
  return decision.evidence.policy?.split('/')[1] ?? null
}

export function matches(alert: Alert, filter: Filter, area: Area | undefined): boolean {
  const is = (wanted: string, found: string | null | undefined) => !wanted || wanted === found
  return (
    alert.triage.stage !== 'resolved' &&
    is(filter.severity, alert.severity) &&
    is(filter.kind, alert.kind) &&
    is(filter.state, alert.state) &&
    is(filter.stage, alert.triage.stage) &&
    is(filter.force, area?.police_force) &&
    is(filter.region, area?.probation_region) &&
    is(filter.cohort, cohortOf(alert))
  )
}

/** How many criticals are to be dealt with that are not among those shown. */
export function hiddenCriticals(all: Iterable<Alert>, shown: Alert[]): number {
  const there = new Set(shown)
  return [...all].filter((alert) => alert.severity === 'critical' && alert.triage.stage !== 'resolved' && !there.has(alert)).length
}

/** A row of the list: an alert, or one that is listed under the one above it. */
export interface Row {
  alert: Alert
  member: boolean
}

/**
 * The rows to show: what is listed under an alert that is shown itself comes beneath it, and only if that is
 * opened. What is critical stands for itself as well.
 */
export function rows(shown: Alert[], opened: ReadonlySet<string>): Row[] {
  const there = new Set(shown.map((alert) => alert.alert))
  const members = new Map<string, Alert[]>()
  const heads: Alert[] = []
  for (const alert of shown) {
    const under = alert.listed_under
    const hidden = under !== undefined && there.has(under)
    if (hidden) {
      const beneath = members.get(under)
      if (beneath) beneath.push(alert)
      else members.set(under, [alert])
    }
    if (!hidden || alert.severity === 'critical') heads.push(alert)
  }
  return heads.flatMap((alert) => {
    const beneath = opened.has(alert.alert) ? (members.get(alert.alert) ?? []) : []
    return [{ alert, member: false }, ...beneath.map((member) => ({ alert: member, member: true }))]
  })
}

/** Kinds that say that nobody knows where somebody is, or whether they are. */
export const SILENT = ['not_monitored', 'no_contact', 'no_fix', 'presence_unknown', 'zone_unknown']

/** A wearer whom nobody hears: since when, and what says so. */
export interface SilentWearer {
  wearer: string
  since: Alert['onset']
  alerts: Alert[]
}

/** Wearers whom nobody hears, the most urgent first. */
export function silentWearers(alerts: Iterable<Alert>): SilentWearer[] {
  const byWearer = new Map<string, Alert[]>()
  for (const alert of alerts) {
    if (alert.state !== 'open' || !SILENT.includes(alert.kind)) continue
    byWearer.set(alert.wearer, [...(byWearer.get(alert.wearer) ?? []), alert])
  }
  const silent = [...byWearer].map(([wearer, theirs]) => {
    const onsets = theirs.map(({ onset }) => onset).sort((a, b) => Date.parse(a) - Date.parse(b))
    return { wearer, since: onsets[0] as Alert['onset'], alerts: theirs.sort(byUrgency) }
  })
  return silent.sort((a, b) => byUrgency(a.alerts[0] as Alert, b.alerts[0] as Alert))
}
