import { expect, test } from 'vitest'
import { inhabitantsMin } from './places'

test('a street’s map names villages, a county’s towns, and the country’s its cities', () => {
  expect(inhabitantsMin(2)).toBe(0)
  expect(inhabitantsMin(100)).toBeGreaterThan(1_000)
  expect(inhabitantsMin(200)).toBeGreaterThan(10_000)
  expect(inhabitantsMin(2_000)).toBeGreaterThan(100_000)
})
