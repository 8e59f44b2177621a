/** Which places a map has room for. Pure. */

/** From so many metres a pixel on, only places with so many inhabitants are named. */
const STEPS: [metresAPixel: number, inhabitants: number][] = [
  [1000, 200_000],
  [400, 60_000],
  [150, 15_000],
  [60, 4_000],
]

/** The fewest inhabitants with which a place is named, at so many metres a pixel. */
export function inhabitantsMin(metresAPixel: number): number {
  return STEPS.find(([from]) => metresAPixel >= from)?.[1] ?? 0
}
