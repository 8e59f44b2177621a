import { expect, firstRow, test } from './service'

test('the system says how fast readings come in, how old they are, and how each partition does', async ({ operator, service }) => {
  await firstRow(operator)
  await operator.goto('/console/system')
  const figure = (title: string) => operator.locator('.govuk-summary-list__row').filter({ hasText: title }).locator('dd')
  await expect(figure('Readings taken in').first()).toHaveText(/^[1-9][\d.,]* a second$/, { timeout: 15_000 })
  await expect(figure('From a reading to its intake')).toHaveText(/^[\d.]+ s$|^\d+ min/)
  const rows = operator.locator('.partitions tbody tr')
  const said = await (await operator.request.get(`${service}/metrics`)).text()
  const held = [...said.matchAll(/^tagwatch_engine_wearers\{partition="(\w+)"\} (\d+)$/gm)]
  expect(held.length).toBeGreaterThan(0)
  await expect(rows).toHaveCount(held.length)
  for (const [, partition = '', wearers = ''] of held) {
    const row = rows.filter({ has: operator.getByRole('rowheader', { name: partition, exact: true }) })
    await expect(row).toContainText('Up to date')
    await expect(row.locator('td').nth(2)).toHaveText(wearers)
  }
})

test('what was given up is put back with a reason, and the queue says how old its oldest is', async ({ operator }) => {
  const { now } = await (await operator.request.get('/console/settings')).json()
  const oldest_unacknowledged = new Date(Date.parse(now) - 3 * 60 * 60 * 1000).toISOString()
  const queue = { recipient: 'police/staffordshire', ready: 1, leased: 0, dead: 2, late: 0, acknowledged: 7, oldest_unacknowledged }
  await operator.route('**/v1/queues', (route) => route.fulfill({ json: { queues: [queue] } }))
  const asked: (string | undefined)[] = []
  await operator.route('**/v1/queues/police/staffordshire/requeue', (route) => {
    asked.push(route.request().headers()['x-reason'])
    queue.dead = 0
    return route.fulfill({ json: { notifications: 2 } })
  })
  await operator.goto('/console/system')
  await expect(operator.getByRole('row', { name: /^Police, Staffordshire/ })).toContainText('3 h 0')
  await operator.getByText('Put back 2 given up for Police, Staffordshire').click()
  await operator.getByLabel('Why, such as').fill('line mended')
  await operator.getByRole('button', { name: 'Put back' }).click()
  await expect(operator.getByRole('status').filter({ hasText: 'Put back: 2' })).toBeVisible()
  expect(asked).toEqual(['line mended'])
  await expect(operator.getByRole('button', { name: 'Put back' })).toHaveCount(0)
})

test('a message that could not be used is shown with why, and its bytes', async ({ operator }) => {
  const letter = {
    id: 1, received_at: '2026-06-01T12:00:00Z', topic: 'em/v1/3/GPS-7/position', reason: 'undecodable', detail: 'expected value at line 1',
    payload: '{"lat": oops', payload_encoding: 'utf8', payload_bytes: 12, payload_cut: false,
  }
  await operator.route('**/v1/dead-letters', (route) => route.fulfill({ json: { dead_letters: [letter] } }))
  await operator.goto('/console/system')
  await expect(operator.locator('.letters li')).toContainText(/em\/v1\/3\/GPS-7\/position: Undecodable, expected value at line 1/)
  await operator.getByText('Its 12 bytes').click()
  await expect(operator.getByText('{"lat": oops')).toBeVisible()
})
