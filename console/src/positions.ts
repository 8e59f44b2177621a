/** Lists of positions, oldest first; pure. */

import type { Position } from './model'

/** Those from `begin` on, in milliseconds since 1970. */
export function onwards(positions: Position[], begin: number): Position[] {
  const first = positions.findIndex(({ t }) => Date.parse(t) >= begin)
  return first < 0 ? [] : positions.slice(first)
}

/** Positions and later ones, of which some may be known already. */
export function append(known: Position[], more: Position[]): Position[] {
  const newest = known.at(-1)
  if (!newest) return more
  const isKnown = new Set(known.filter(({ t }) => t === newest.t).map(({ device }) => device))
  return [...known, ...more.filter(({ t, device }) => t > newest.t || (t === newest.t && !isKnown.has(device)))]
}
