import type { Alert } from '../src/model'
import { Line } from './line'
import { expect, firstRow, test } from './service'

test('an alert arrives, waits until it is asked for, and moves nothing before', async ({ operator }) => {
  await operator.setViewportSize({ width: 1280, height: 10_000 }) // of what does not fit, only a part is in the page
  await firstRow(operator)
  const order = () => operator.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-alert')))
  const before = await order()
  const show = operator.getByRole('button', { name: /^Show new alerts: \d+/ })
  await expect(show).toBeVisible({ timeout: 60_000 })
  expect(await order()).toEqual(before)
  await expect(async () => {
    if (await show.isVisible()) await show.click() // the news may be that one became more severe
    expect((await order()).length).toBeGreaterThan(before.length)
  }).toPass({ timeout: 50_000 })
})

test('an alert is acknowledged by keys alone, and the record says by whom', async ({ operator, request }) => {
  await firstRow(operator)
  await operator.keyboard.press('n')
  await operator.getByLabel('Work').selectOption('new')
  await operator.locator('h1').click()
  await operator.keyboard.press('j')
  await operator.keyboard.press('j')
  await operator.keyboard.press('k')
  const id = await operator.locator('.row--selected').getAttribute('data-alert')
  await expect(operator.locator('.row--selected .row__link')).toBeFocused()
  await operator.keyboard.press('a')
  await expect(operator.getByRole('status').filter({ hasText: 'Acknowledged' })).toBeAttached()
  const { record, steps } = await (await request.get(`/v1/alerts/${id}`)).json()
  expect(record.triage.stage).toBe('acknowledged')
  expect(steps.at(-1)).toMatchObject({ action: 'acknowledge', actor: 'operator-17' })
})

test('an alert is opened, adjudicated and resolved', async ({ operator, request }) => {
  const row = await firstRow(operator)
  const id = await row.getAttribute('data-alert')
  await row.getByRole('link').first().click()
  await expect(operator).toHaveURL(new RegExp(`/console/alerts/${id}`))
  const form = operator.locator('details[data-action=adjudicate]')
  await form.locator('summary').click()
  await form.getByLabel('Unreasonable').check()
  await form.getByLabel('Why, in your words').fill('rang them: no reason given')
  await form.getByRole('button').click()
  await expect(operator.getByText('Adjudicate: unreasonable')).toBeVisible()
  const resolve = operator.locator('details[data-action=resolve]')
  await resolve.locator('summary').click()
  await resolve.getByLabel('Warned').check()
  await resolve.getByLabel('Why, in your words').fill('warned on the telephone')
  await resolve.getByRole('button').click()
  await expect(operator.getByText('Resolve: warned')).toBeVisible()
  const { record } = await (await request.get(`/v1/alerts/${id}`)).json()
  expect(record.triage).toMatchObject({ stage: 'resolved', finding: 'unreasonable', outcome: 'warned' })
  await operator.goto('/console/')
  await expect(operator.locator('.row').first()).toBeVisible()
  await expect(operator.locator(`[data-alert="${id}"]`)).toHaveCount(0)
})

test('a step that somebody else forestalled is refused, and the page says so', async ({ operator, request }) => {
  await firstRow(operator)
  const row = operator.locator('.row', { has: operator.getByRole('button', { name: /^Acknowledge/ }) }).first()
  const id = await row.getAttribute('data-alert')
  const listed = await operator.locator('.row').first().boundingBox()
  await operator.route('**/v1/alerts?*', (route) => route.abort()) // the page is not told in time
  const first = await request.post(`/v1/alerts/${id}/steps`, {
    headers: { 'X-Actor': 'operator-4' },
    data: { action: 'acknowledge' },
  })
  expect(first.status()).toBe(201)
  const before = await operator.locator(`[data-alert="${id}"]`).boundingBox()
  await operator.locator(`[data-alert="${id}"]`).getByRole('button', { name: /^Acknowledge/ }).click()
  const problem = operator.getByRole('alert')
  await expect(problem).toContainText('operator-4')
  expect(await operator.locator(`[data-alert="${id}"]`).boundingBox(), 'the list stays where it was').toEqual(before)
  await problem.getByRole('button', { name: 'Close' }).click()
  await expect(problem).toHaveCount(0)
  await expect(operator.getByText(/^▲ The list may be out of date/)).toBeInViewport()
  expect(await operator.locator('.row').first().boundingBox(), 'nor does that move it').toEqual(listed)
})

test('whoever acknowledges by Tab and Enter is not sent back to the top', async ({ operator }) => {
  await firstRow(operator)
  const row = operator.locator('.row', { has: operator.getByRole('button', { name: /^Acknowledge/ }) }).first()
  const id = await row.getAttribute('data-alert')
  await row.getByRole('button', { name: /^Acknowledge/ }).focus()
  await operator.keyboard.press('Enter')
  const taken = operator.locator(`[data-alert="${id}"]`)
  await expect(taken.locator('.row__due')).toContainText('operator-17')
  await expect(taken.locator('.row__link')).toBeFocused()
})

test('a filter says what critical it leaves out, and that it leaves nothing', async ({ operator, service }) => {
  await firstRow(operator)
  const { alerts } = await (await operator.request.get(`${service}/v1/alerts?limit=1000`)).json()
  const real = (alerts as Alert[]).filter((alert) => alert.triage.stage === 'new')
  const night = (severity: string) => real.slice(0, 3).map((alert) => ({ ...alert, kind: 'no_fix', severity }))
  await operator.route('**/v1/alerts?*', (route) => route.fulfill({ json: { alerts: night('critical') } }))
  await operator.goto('/console/?severity=low')
  await expect(operator.locator('.above__count')).toContainText(/Not shown: [1-3] critical/)
  await expect(operator.getByText('Nothing that the filters let through.')).toBeVisible()
  await operator.getByRole('button', { name: 'Clear filters' }).click()
  await expect(operator.locator('.above__count')).not.toContainText('Not shown')
  await expect(operator.locator('.row').first()).toBeVisible()
})

test('filters are kept in the address', async ({ operator }) => {
  await firstRow(operator)
  await operator.getByLabel('Severity').selectOption('critical')
  await expect(operator).toHaveURL(/\?severity=critical$/)
  await operator.reload()
  await expect(operator.getByLabel('Severity')).toHaveValue('critical')
  for (const tag of await operator.locator('.row .severity').allTextContents()) expect(tag).toBe('Critical')
})

test('a line that breaks is said, taken up again and caught up with', async ({ operator, service }) => {
  const line = await Line.to(service)
  await operator.goto(`${line.address}/console/`)
  await expect(operator.locator('.top__line--live')).toBeVisible()
  await expect(operator.locator('.row').first()).toBeVisible({ timeout: 90_000 })
  const before = await operator.locator('.row').first().boundingBox()
  line.cut()
  await expect(operator.locator('.top__line--lost')).toBeVisible()
  await expect(operator.getByText(/^▲ Not live for .*: what is shown may be old$/)).toBeInViewport()
  expect(await operator.locator('.row').first().boundingBox(), 'nothing moves').toEqual(before)
  const known = await operator.locator('.row').first().getAttribute('data-alert')
  await operator.request.post(`${service}/v1/alerts/${known}/steps`, {
    headers: { 'X-Actor': 'operator-4' },
    data: { action: 'comment', comment: 'while the line was down' },
  })
  await operator.request.post(`${service}/v1/alerts/${known}/steps`, {
    headers: { 'X-Actor': 'operator-4' },
    data: { action: 'acknowledge' },
  })
  line.mend()
  await expect(operator.locator('.top__line--live')).toBeVisible({ timeout: 30_000 })
  await expect(operator.locator(`[data-alert="${known}"] .row__due`)).toContainText('operator-4')
  await line.end()
})

test('ages and countdowns go on without shifting anything', async ({ operator }) => {
  await firstRow(operator)
  await operator.waitForTimeout(1000) // loading may move things; what is loaded may not
  const shifted = await operator.evaluate(
    (observed_ms) =>
      new Promise<string[]>((resolve) => {
        type Shift = PerformanceEntry & { sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[] }
        const nodes: string[] = []
        const observer = new PerformanceObserver((list) => {
          for (const { sources } of list.getEntries() as Shift[]) {
            for (const { node, previousRect, currentRect } of sources) {
              // A text that grew within its line is named, too.
              if (previousRect.x === currentRect.x && previousRect.y === currentRect.y) continue
              const element = node instanceof Element ? node : node?.parentElement
              nodes.push(`${element?.className} ${JSON.stringify(previousRect)} ${JSON.stringify(currentRect)}`)
            }
          }
        })
        observer.observe({ type: 'layout-shift' })
        setTimeout(() => resolve(nodes), observed_ms)
      }),
    5000,
  )
  expect(shifted).toEqual([])
})

test('sound is off until somebody switches it on, and stays as it was left', async ({ operator }) => {
  await operator.goto('/console/')
  const sound = operator.getByRole('button', { name: /^Sound for critical/ })
  await expect(sound).toHaveAttribute('aria-pressed', 'false')
  await sound.click()
  await expect(sound).toHaveAttribute('aria-pressed', 'true')
  await operator.reload()
  await expect(sound).toHaveAttribute('aria-pressed', 'true')
  await expect(sound).toHaveText(/: on\s*$/)
  // Browsers let no page sound before somebody did something in it; whatever Playwright does counts.
  await operator.addInitScript(() => Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } }))
  await operator.reload()
  await expect(sound).toContainText('on once you press any key')
})

test('a critical that comes in sounds; what is not critical does not', async ({ operator, service }) => {
  await operator.addInitScript(() => {
    localStorage.setItem('tagwatch.sound', 'on')
    const heard = window as unknown as { tones: number }
    heard.tones = 0
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (at) {
      heard.tones += 1
      start.call(this, at)
    }
  })
  const tones = () => operator.evaluate(() => (window as unknown as { tones: number }).tones)
  await firstRow(operator)
  const { alerts } = await (await operator.request.get(`${service}/v1/alerts?limit=1000`)).json()
  const known = (alerts as Alert[])[0] as Alert
  const coming = (severity: string) => {
    const alert = { ...known, alert: `${known.alert.slice(0, -8)}${severity.padEnd(8, '0')}`, severity, triage: { ...known.triage, stage: 'new' } }
    return operator.route('**/v1/alerts?*wearer=*', (route) => route.fulfill({ json: { alerts: [alert] } }))
  }
  const show = operator.getByRole('button', { name: /^Show new alerts/ })
  await coming('low')
  await operator.reload() // what really came in until now has sounded
  await operator.getByRole('button', { name: /^Acknowledge/ }).first().click()
  await expect(show).toBeVisible({ timeout: 60_000 }) // whatever happens next: the alerts of its wearer are asked for
  const said = (what: RegExp) => operator.getByRole('status').filter({ hasText: what })
  await expect(said(/^\d+ new$/)).toBeAttached()
  await expect(said(/^Acknowledged: /), 'what came in does not talk over what was done').toBeAttached()
  expect(await tones()).toBe(0)
  await coming('critical')
  await expect(show).toContainText('critical', { timeout: 60_000 })
  expect(await tones()).toBe(2)
})

test('single keys do nothing once they are switched off', async ({ operator }) => {
  await firstRow(operator)
  await operator.getByText('Keys', { exact: true }).click()
  await operator.getByLabel('Single keys are on').uncheck()
  await operator.locator('h1').click()
  await operator.keyboard.press('j')
  await expect(operator.locator('.row--selected')).toHaveCount(0)
})

test('an absence that goes on is counted up to now, not to when it was concluded', async ({ operator }) => {
  const row = await firstRow(operator)
  const { now } = await (await operator.request.get('/console/settings')).json()
  const since = new Date(Date.parse(now) - 2 * 60 * 60 * 1000).toISOString()
  await operator.route('**/v1/alerts/*', async (route) => {
    const found = await (await route.fetch()).json()
    const decision = { ...found.record.decision, evidence: { rule: 'curfew', absent_s: 900, absent_from: since } }
    await route.fulfill({ json: { ...found, record: { ...found.record, state: 'open', decision } } })
  })
  await row.getByRole('link').first().click()
  await expect(operator.locator('.sentence')).toContainText(/absent for 2 h \d\d min so far\. It goes on\./)
})
