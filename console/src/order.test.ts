import { expect, test } from 'vitest'
import type { Alert, Severity } from './model'
import { byUrgency, filterOf, hiddenCriticals, isNews, matches, rows, searchOf, silentWearers, toShow } from './order'

function alert(id: string, severity: Severity, more: Partial<Alert> = {}): Alert {
  return {
    alert: id,
    wearer: `W-${id}`,
    kind: 'strap_tamper',
    state: 'open',
    severity,
    onset: '2026-03-29T00:57:30Z',
    notify_by: null,
    triage: { stage: 'new', steps: 0, late: false, rung: 0 },
    decision: { evidence: { rule: 'device', policy: 'shipped-1/hdc' } },
    lists: 0,
    ...more,
  } as Alert
}

const ids = (alerts: Alert[]) => alerts.map((one) => one.alert).join(' ')

test('the most severe come first, then those that nobody has, those to be told of soonest, the oldest', () => {
  const list = [
    alert('old', 'high', { onset: '2026-03-29T00:00:00Z' }),
    alert('low', 'low', { notify_by: '2026-03-29T00:00:01Z' }),
    alert('soon', 'high', { notify_by: '2026-03-29T01:00:00Z' }),
    alert('young', 'high'),
    alert('had', 'high', { notify_by: '2026-03-29T00:00:01Z', triage: { stage: 'acknowledged', steps: 1, late: false, rung: 0 } }),
    alert('critical', 'critical'),
    alert('sooner', 'high', { notify_by: '2026-03-29T00:59:00Z' }),
  ]
  expect(ids(list.sort(byUrgency))).toBe('critical sooner soon old young had low')
})

test('news is an alert that was not there or has become more severe, and criticals among it are counted', () => {
  const known = new Map<string, Severity>([
    ['worse', 'medium'],
    ['better', 'critical'],
    ['same', 'high'],
  ])
  const now = [alert('worse', 'critical'), alert('better', 'high'), alert('same', 'high'), alert('new', 'low')]
  const news = now.filter((one) => isNews(one, known))
  expect(ids(news)).toBe('worse new')
  expect(toShow(news)).toBe('Show new alerts: 2, critical: 1')
  expect(toShow(news.slice(1))).toBe('Show new alerts: 1')
})

test('a filter survives the address, and leaves out what it does not ask for', () => {
  const filter = filterOf('?severity=high&force=kent&unknown=1')
  expect(searchOf(filter)).toBe('?severity=high&force=kent')
  expect(searchOf(filterOf(''))).toBe('')
})

test('alerts are filtered by what they are and by where their wearer is looked after', () => {
  const area = { wearer: 'W-a', police_force: 'kent', probation_region: 'south-east' }
  const one = alert('a', 'high')
  expect(matches(one, filterOf('?severity=high&force=kent&region=south-east'), area)).toBe(true)
  expect(matches(one, filterOf('?cohort=hdc'), area)).toBe(true)
  expect(matches(one, filterOf('?cohort=iom'), area)).toBe(false)
  expect(matches(one, filterOf('?force=essex'), area)).toBe(false)
  expect(matches(one, filterOf('?force=kent'), undefined)).toBe(false)
  expect(matches(one, filterOf('?stage=acknowledged'), area)).toBe(false)
})

test('criticals that a filter leaves out are counted, unless they are dealt with', () => {
  const [shown, hidden] = [alert('shown', 'critical'), alert('hidden', 'critical')]
  const done = alert('done', 'critical', { triage: { stage: 'resolved', steps: 2, late: false, rung: 0 } })
  expect(hiddenCriticals([shown, hidden, done, alert('mild', 'low')], [shown])).toBe(1)
})

test('what is dealt with is not shown', () => {
  const done = alert('a', 'critical', { triage: { stage: 'resolved', steps: 2, late: false, rung: 0 } })
  expect(matches(done, filterOf(''), undefined)).toBe(false)
})

test('what is listed under an alert is beneath it once it is opened; what is critical stands for itself too', () => {
  const list = [
    alert('incident', 'high', { lists: 2 }),
    alert('member', 'medium', { listed_under: 'incident' }),
    alert('grave', 'critical', { listed_under: 'incident' }),
    alert('orphan', 'low', { listed_under: 'elsewhere' }),
  ]
  const written = (opened: string[]) =>
    rows(list, new Set(opened))
      .map((row) => (row.member ? `(${row.alert.alert})` : row.alert.alert))
      .join(' ')
  expect(written([])).toBe('incident grave orphan')
  expect(written(['incident'])).toBe('incident (member) (grave) grave orphan')
})

test('a silent wearer is one row, since the first alert that says so; who is heard again is none', () => {
  const list = [
    alert('1', 'medium', { wearer: 'W-1', kind: 'no_contact', onset: '2026-03-29T00:10:00Z' }),
    alert('2', 'high', { wearer: 'W-1', kind: 'not_monitored', onset: '2026-03-29T00:30:00Z' }),
    alert('3', 'high', { wearer: 'W-2', kind: 'no_contact', state: 'cleared' }),
    alert('4', 'critical', { wearer: 'W-3' }),
    alert('5', 'critical', { wearer: 'W-4', kind: 'presence_unknown' }),
  ]
  const found = silentWearers(list).map(({ wearer, since, alerts }) => [wearer, since, ids(alerts)])
  expect(found).toEqual([
    ['W-4', '2026-03-29T00:57:30Z', '5'],
    ['W-1', '2026-03-29T00:10:00Z', '2 1'],
  ])
})
