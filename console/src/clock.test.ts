import { expect, test } from 'vitest'
import { clockTime, fromLondon, fullTime, now, setClock, span } from './clock'
import { place, quantity, setTitles, title, words } from './words'
import { slice } from './view/window'

test('the hour that comes twice is told apart by its zone', () => {
  expect(clockTime('2026-10-25T00:30:00Z')).toBe('01:30:00 BST')
  expect(clockTime('2026-10-25T01:30:00Z')).toBe('01:30:00 GMT')
  expect(fullTime('2026-03-29T01:00:00Z')).toBe('Sun 29 Mar 2026, 02:00:00 BST')
})

test("what a clock in London shows is an instant, in summer, in winter and where the two meet", () => {
  const read = (local: string) => new Date(fromLondon(local)).toISOString().slice(0, 16)
  expect(read('2026-07-01T12:00')).toBe('2026-07-01T11:00')
  expect(read('2026-12-01T12:00')).toBe('2026-12-01T12:00')
  expect(read('2026-10-25T01:30')).toBe('2026-10-25T00:30')
  expect(read('2026-10-25T02:00')).toBe('2026-10-25T02:00')
  expect(read('2026-03-29T01:30')).toBe('2026-03-29T01:30')
})

test('spans have two units and never go below nothing', () => {
  expect(span(42_000)).toBe('42 s')
  expect(span(121_000)).toBe('2 min 01 s')
  expect(span(12_059_000)).toBe('3 h 20 min')
  expect(span(190_800_000)).toBe('2 d 5 h')
  expect(span(-5)).toBe('0 s')
})

test("the service's clock is followed at its speed, whatever this machine's says", () => {
  const settings = { installation: 'x', now: '2020-01-01T00:00:00Z', speed: 60, kinds: [], curfew_budget: null, tiles: null }
  setClock(settings)
  const ahead = now() - Date.parse(settings.now)
  expect(ahead).toBeGreaterThanOrEqual(0)
  expect(ahead).toBeLessThan(60_000)
})

test('names of formats are read as words, with their units', () => {
  expect(words('hmu_mains_lost')).toBe('HMU mains lost')
  expect(quantity('deepest_m')).toEqual({ title: 'Deepest', unit: 'm' })
  expect(quantity('fixes_used')).toEqual({ title: 'Fixes used', unit: '' })
  expect(quantity('fall_per_h')).toEqual({ title: 'Fall', unit: 'mg/100 mL an hour' })
  expect(place('police/west-midlands')).toBe('Police, West Midlands')
})

test('a kind is called what the service calls it', () => {
  setTitles([{ name: 'left_during', title: 'Curfew: left during' }])
  expect(title('left_during')).toBe('Curfew: left during')
  expect(title('never_heard_of')).toBe('Never heard of')
})

test('only the rows in sight, and a few around them, are drawn', () => {
  expect(slice(5000, 72, 200, 900)).toEqual({ first: 0, end: 21 })
  expect(slice(5000, 72, -72_000, 900)).toEqual({ first: 992, end: 1021 })
  expect(slice(3, 72, -10_000, 900)).toEqual({ first: 3, end: 3 })
  expect(slice(0, 72, 0, 900)).toEqual({ first: 0, end: 0 })
})
