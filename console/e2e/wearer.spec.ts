import { expect, firstRow, test } from './service'

test('the trail of a page that stays open goes on, and the slider stays where it was put', async ({ operator }) => {
  const row = await firstRow(operator)
  await operator.goto((await row.locator('.row__who a').getAttribute('href')) ?? '')
  const slider = operator.getByRole('slider')
  await expect(slider).toBeVisible()
  const last = operator.locator('.last-known time')
  const until = operator.locator('label[for=trail-at] time')
  const [seen, many] = [await last.getAttribute('datetime'), Number(await slider.getAttribute('max'))]
  await slider.focus()
  await slider.press('Home')
  const put = await until.getAttribute('datetime')
  await expect(last).not.toHaveAttribute('datetime', seen ?? '', { timeout: 60_000 })
  await expect.poll(async () => Number(await slider.evaluate((input: HTMLInputElement) => input.max))).toBeGreaterThan(many)
  await expect(until).toHaveAttribute('datetime', put ?? '')
  await slider.press('End')
  await expect(operator.locator('label[for=trail-at]')).toContainText('the newest')
  await operator.getByRole('button', { name: 'Play' }).click()
  await expect(operator.getByRole('button', { name: 'Pause' })).toBeVisible()
  await operator.getByRole('button', { name: 'Pause' }).click()

  await operator.getByLabel('From').fill('2020-01-01T00:00')
  await operator.getByLabel('To', { exact: true }).fill('2020-01-02T00:00')
  await operator.getByRole('button', { name: 'Show this time' }).click()
  await expect(operator.getByText('No position in that time.')).toBeVisible()
  await operator.getByRole('button', { name: 'The last 24 hours' }).click()
  await expect(slider).toBeVisible()
})

test('how somebody tried to reach the wearer is a list of its own', async ({ operator }) => {
  const row = await firstRow(operator)
  await operator.goto((await row.getByRole('link').first().getAttribute('href')) ?? '')
  const record = operator.locator('details[data-action=contact]')
  await record.locator('summary').click()
  await record.getByLabel('Call').check()
  await record.getByLabel('Nobody').check()
  await record.getByLabel('What was said or seen').fill('rang for a minute')
  await record.getByRole('button').click()
  const tried = operator.locator('.contacts li')
  await expect(tried).toHaveCount(1)
  await expect(tried).toContainText(/Call, answered by nobody\s*by operator-17[^]*rang for a minute/)
  await operator.screenshot({ path: 'screenshots/contact.png', fullPage: true })
})

test('a budget of time out of curfew is shown before anything of it was told', async ({ operator, service }) => {
  await firstRow(operator)
  const { parts } = await (await operator.request.get(`${service}/v1/registry/order?limit=1000`)).json()
  const order = (parts as { document: { wearer: string; hdc?: boolean } }[]).find(({ document }) => document.hdc)
  expect(order, 'a wearer on home detention curfew').toBeTruthy()
  await operator.goto(`/console/wearers/${order?.document.wearer}`)
  await expect(operator.locator('.budget')).toContainText('of 120 min used')
})

test('whoever wears nothing that knows where it is, is not said to be missing', async ({ operator }) => {
  const row = await firstRow(operator)
  const page = (await row.locator('.row__who a').getAttribute('href')) ?? ''
  await operator.route('**/v1/registry/activation?*', async (route) => {
    const { parts } = await (await route.fetch()).json()
    const asHomeUnit = (part: { document: object }) => ({ ...part, document: { ...part.document, kind: 'rf' } })
    await route.fulfill({ json: { parts: parts.map(asHomeUnit) } })
  })
  await operator.route('**/v1/wearers/*/trail?*', (route) => route.fulfill({ json: { positions: [], cut: false } }))
  await operator.goto(page)
  await expect(operator.locator('.last-known')).toHaveText('No position: nothing that is worn knows where it is.')
  await operator.unroute('**/v1/registry/activation?*')
  await operator.reload()
  await expect(operator.locator('.last-known')).toContainText('it is not known where the wearer is')
})
