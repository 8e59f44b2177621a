/**
 * Which rows of a long list of rows of one height need to be in the page: those in sight, and some around
 * them. Thousands of alerts then cost as much as a screenful.
 */

/** Rows drawn beyond each edge, so that scrolling does not show a gap first. */
const BEYOND = 8

export interface Slice {
  first: number
  end: number
}

export function slice(count: number, rowPx: number, listTopPx: number, viewPx: number): Slice {
  const top = Math.max(0, -listTopPx)
  const first = Math.max(0, Math.floor(top / rowPx) - BEYOND)
  const end = Math.min(count, Math.ceil((top + viewPx) / rowPx) + BEYOND)
  return { first: Math.min(first, end), end }
}
