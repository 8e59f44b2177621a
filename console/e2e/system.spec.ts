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
