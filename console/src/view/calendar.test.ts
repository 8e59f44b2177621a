import { expect, test } from 'vitest'
import { dateOf, weekdayOf } from '../clock'
import { days, without } from './calendar'

test('a calendar begins on a Monday and ends today, also over the night the clocks change', () => {
  for (const today of ['2026-03-29T00:30:00Z', '2026-03-30T22:30:00Z', '2026-10-25T23:30:00Z', '2026-06-01T23:30:00Z', '2026-06-01T12:00:00Z']) {
    const all = days(Date.parse(today))
    expect(weekdayOf(all[0] ?? 0)).toBe('Mon')
    expect(dateOf(all.at(-1) ?? 0)).toBe(dateOf(today))
    expect(new Set(all.map(dateOf)).size).toBe(all.length)
    expect(all.length).toBeGreaterThanOrEqual(22)
  }
})

test('a day without alerts is one of compliance only under an order, and where somebody was heard', () => {
  const noon = (date: string) => Date.parse(`${date}T12:00:00Z`)
  const silence = { onset: '2026-06-03T13:00:00Z', changed: '2026-06-05T09:00:00Z' }
  const over = [{ ...silence, state: 'cleared' as const }]
  const since = '2026-06-02T16:00:00Z'
  expect(without(noon('2026-06-01'), since, over)).toBe('free')
  expect(without(noon('2026-06-02'), undefined, over)).toBe('free')
  expect(without(noon('2026-06-03'), since, over)).toBe('none')
  expect(without(noon('2026-06-04'), since, over)).toBe('unheard')
  expect(without(noon('2026-06-05'), since, over)).toBe('none')
  expect(without(noon('2026-06-05'), since, [{ ...silence, state: 'open' }])).toBe('unheard')
})
