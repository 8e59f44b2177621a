import { expect, test } from 'vitest'
import { append, onwards } from './positions'

const at = (minute: number, device = 'GPS-1') => ({ t: `2026-06-03T12:0${minute}:00.000Z`, device, lat: 52, lon: -2 })

test('what is asked for again from the newest on is in the list once', () => {
  const known = [at(0), at(1)]
  expect(append(known, [at(1), at(1, 'GPS-2'), at(2)])).toEqual([at(0), at(1), at(1, 'GPS-2'), at(2)])
  expect(append([], [at(1)])).toEqual([at(1)])
})

test('what is older than the span that is followed is let go of', () => {
  expect(onwards([at(0), at(1), at(2)], Date.parse(at(1).t))).toEqual([at(1), at(2)])
  expect(onwards([at(0)], Date.parse(at(1).t))).toEqual([])
})
