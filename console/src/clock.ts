/** Times: what the installation's clock shows, and how people in England and Wales read it. */

import type { Instant, Settings } from './model'

/** The installation's clock as this machine last heard of it. */
let known = { shown: Date.now(), heard: performance.now(), speed: 1 }

export function setClock(settings: Settings): void {
  known = { shown: Date.parse(settings.now), heard: performance.now(), speed: settings.speed }
}

/** What the installation's clock shows, in milliseconds since 1970: this machine's may be wrong. */
export function now(): number {
  return known.shown + (performance.now() - known.heard) * known.speed
}

/** How many seconds of the installation's pass in one. */
export function speed(): number {
  return known.speed
}

const ZONE = 'Europe/London'
const HOUR_MS = 60 * 60 * 1000
const time = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: 'numeric', month: 'short', year: 'numeric' })
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: 'numeric', month: 'short' })
const isoDay = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE })
const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'short' })
const zone = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, timeZoneName: 'short' })

function zoneName(at: Date): string {
  return zone.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? ''
}

/** "29 Mar 2026": the day in London. */
export function dateOf(instant: Instant | number): string {
  return day.format(new Date(instant))
}

/** "Sun": the day of the week in London. */
export const weekdayOf = (instant: Instant | number): string => weekday.format(new Date(instant))

/** "29 Mar": the day in London, of a year that is known. */
export const shortDateOf = (instant: Instant | number): string => dayAndMonth.format(new Date(instant))

/** "2026-03-29": the day in London. */
export const isoDateOf = (instant: Instant | number): string => isoDay.format(new Date(instant))

/** "01:57:30 BST": the hour that comes twice is told apart by its zone. */
export function clockTime(instant: Instant | number): string {
  const at = new Date(instant)
  return `${time.format(at)} ${zoneName(at)}`
}

/** "Sun 29 Mar 2026, 01:57:30 BST". */
export function fullTime(instant: Instant | number): string {
  const at = new Date(instant)
  return `${weekday.format(at)} ${day.format(at)}, ${clockTime(instant)}`
}

/** Like `clockTime` for an instant of today, `fullTime` for others. */
export function shortTime(instant: Instant | number): string {
  const today = day.format(new Date(now())) === day.format(new Date(instant))
  return today ? clockTime(instant) : fullTime(instant)
}

/**
 * What a clock on a wall in London means, "2026-03-29T00:30", in milliseconds since 1970. Of the hour that
 * comes twice the first; the one that never comes is an hour later.
 */
export function fromLondon(local: string): number {
  const asUtc = Date.parse(`${local}Z`)
  const summer = asUtc - HOUR_MS
  return zoneName(new Date(summer)) === 'BST' ? summer : asUtc
}

/** A span in its two greatest units: "2 min 05 s". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (number: number) => String(number).padStart(2, '0')
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`
}
