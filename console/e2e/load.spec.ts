import type { Alert } from '../src/model'
import { expect, firstRow, test } from './service'

/** Open alerts on a bad night of 25,000 wearers. */
const ALERTS = 5_000

/** A frame that takes longer than this is seen as a stutter: three at 60 Hz. */
const FRAME_MS_MAX = 50

/** Five minutes of the tags' time, in which some arrive; the figures in the README are of four times as long. */
const WATCHED_MS = Number(process.env['WATCHED_MS'] ?? 5_000)

test('a list of five thousand alerts scrolls without stuttering', async ({ operator, service }) => {
  await firstRow(operator)
  const answer = await (await operator.request.get(`${service}/v1/alerts?limit=1000`)).json()
  const real = (answer.alerts as Alert[]).filter((alert) => alert.triage.stage === 'new')
  // The service's own alerts, each many times under other names: all of one kind, then none of any other.
  const many = Array.from({ length: ALERTS }, (_, number) => {
    const alert = real[number % real.length] as Alert
    return { ...alert, alert: `${alert.alert.slice(0, -12)}${String(number).padStart(12, '0')}`, wearer: `W-${number}` }
  })
  await operator.route('**/v1/alerts?*stage=new', (route) => route.fulfill({ json: { alerts: many.slice(0, 1000) } }))
  await operator.route(/\/v1\/alerts\?.*stage=new&kind=/, (route) => {
    const first = route.request().url().endsWith('=exclusion_zone_entered')
    return route.fulfill({ json: { alerts: first ? many : [] } })
  })
  await operator.reload()
  const count = operator.locator('.above__count strong')
  await expect(count).toHaveText(/^50\d\d$/, { timeout: 60_000 }) // and what was acknowledged already
  expect(await operator.locator('.row').count()).toBeLessThan(60)
  const frames = await operator.evaluate(scrolled)
  const worst = Math.max(...frames)
  const slow = frames.filter((ms) => ms > FRAME_MS_MAX).length
  console.log(`${ALERTS} alerts: ${frames.length} frames while scrolling, worst ${worst.toFixed(0)} ms, ${slow} over ${FRAME_MS_MAX} ms`)
  const arrival = await operator.evaluate(watched, WATCHED_MS)
  const late = arrival.filter((ms) => ms > FRAME_MS_MAX).length
  console.log(`${arrival.length} frames in ${WATCHED_MS / 1000} s while alerts arrive, worst ${Math.max(...arrival).toFixed(0)} ms, ${late} over ${FRAME_MS_MAX} ms`)
  await expect(operator.locator(`[aria-posinset="${await count.textContent()}"]`)).toBeVisible()
})

/** How long each frame takes, in milliseconds, while nobody touches anything and alerts arrive. */
async function watched(forMs: number): Promise<number[]> {
  const frames: number[] = []
  const frame = () => new Promise<number>((drawn) => requestAnimationFrame(drawn))
  const began = await frame()
  for (let before = began; before - began < forMs; ) {
    const at = await frame()
    frames.push(at - before)
    before = at
  }
  return frames
}

/** Scrolls to the end in steps of a wheel's turn, and says how long each frame took, in milliseconds. */
async function scrolled(): Promise<number[]> {
  const frames: number[] = []
  const frame = () => new Promise<number>((drawn) => requestAnimationFrame(drawn))
  let before = await frame()
  for (let step = 0; step < 200; step += 1) {
    scrollBy(0, document.documentElement.scrollHeight / 200)
    const at = await frame()
    frames.push(at - before)
    before = at
  }
  scrollTo(0, document.documentElement.scrollHeight)
  await frame()
  return frames
}
