import { expect, test } from 'vitest'
import { Interval, Metrics } from './metrics'

const answer = (at: number, zero: number, one: number, lag: number) =>
  new Metrics(
    `# HELP tagwatch_committed_readings_total Readings.
tagwatch_committed_readings_total{partition="10"} ${one}
tagwatch_committed_readings_total{partition="2"} ${zero}
tagwatch_odd{said="a \\"quoted\\", {odd} word",partition="2"} 1
tagwatch_intake_lag_seconds_sum ${lag}
tagwatch_intake_lag_seconds_count ${zero + one}
process_open_fds 7
`,
    at,
  )

test('samples are summed over their labels, or looked up by them', () => {
  const metrics = answer(0, 3, 4, 1.5)
  expect(metrics.sum('committed_readings_total')).toBe(7)
  expect(metrics.sum('committed_readings_total', { partition: '10' })).toBe(4)
  expect(metrics.sum('odd', { said: 'a \\"quoted\\", {odd} word' })).toBe(1)
  expect(metrics.sum('nothing')).toBe(0)
  expect(metrics.values('committed_readings_total', 'partition')).toEqual(['2', '10'])
})

test('rates and means are those of the time between two answers', () => {
  const interval = new Interval(answer(1_000, 3, 4, 100), answer(6_000, 13, 4, 120))
  expect(interval.rate('committed_readings_total')).toBe(2)
  expect(interval.rate('committed_readings_total', { partition: '10' })).toBe(0)
  expect(interval.mean('intake_lag_seconds')).toBe(2)
})

test('nothing is said of a service that began anew, nor of lag where nothing came in', () => {
  const anew = new Interval(answer(0, 30, 4, 100), answer(5_000, 2, 0, 3))
  expect(anew.rate('committed_readings_total')).toBeUndefined()
  expect(anew.mean('intake_lag_seconds')).toBeUndefined()
  const quiet = new Interval(answer(0, 1, 1, 9), answer(5_000, 1, 1, 9))
  expect(quiet.rate('committed_readings_total')).toBe(0)
  expect(quiet.mean('intake_lag_seconds')).toBeUndefined()
})
