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
  await operator.route('**/v1/alerts?*', (route) => route.abort()) // the page is not told in time
  const first = await request.post(`/v1/alerts/${id}/steps`, {
    headers: { 'X-Actor': 'operator-4' },
    data: { action: 'acknowledge' },
  })
  expect(first.status()).toBe(201)
  await operator.locator(`[data-alert="${id}"]`).getByRole('button', { name: /^Acknowledge/ }).click()
  await expect(operator.getByRole('alert')).toContainText('operator-4')
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
  line.cut()
  await expect(operator.locator('.top__line--lost')).toBeVisible()
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
})

test('single keys do nothing once they are switched off', async ({ operator }) => {
  await firstRow(operator)
  await operator.getByText('Keys', { exact: true }).click()
  await operator.getByLabel('Single keys are on').uncheck()
  await operator.locator('h1').click()
  await operator.keyboard.press('j')
  await expect(operator.locator('.row--selected')).toHaveCount(0)
})

test('an excused breach costs no minutes: the engine counts again, and the page shows it', async ({ operator, request }) => {
  await firstRow(operator)
  const found = async () => {
    const { alerts } = await (await request.get('/v1/alerts?kind=left_during&state=open&limit=10')).json()
    return alerts[0]
  }
  await expect.poll(found, { timeout: 90_000 }).toBeTruthy()
  const { alert, decision } = await found()
  expect(decision.evidence.absent_s).toBeGreaterThan(0)
  await operator.goto(`/console/alerts/${alert}`)
  const form = operator.locator('details[data-action=adjudicate]')
  await form.locator('summary').click()
  await form.getByLabel('Reasonable excuse').check()
  await form.getByLabel('Why, in your words').fill('letter of the hospital seen')
  await form.getByRole('button').click()
  await expect(operator.getByText('Adjudicate: reasonable excuse')).toBeVisible()
  const counted = async () => (await (await request.get(`/v1/alerts/${alert}`)).json()).record.decision.evidence.absent_s
  await expect.poll(counted, { timeout: 30_000 }).toBe(0)
  await expect(operator.locator('h1')).toContainText('left during')
  await expect(operator.getByText(/^0 (s|min)$/).first()).toBeVisible()
})
