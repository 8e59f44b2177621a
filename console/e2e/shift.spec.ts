import { fitsAndIsAccessible } from './accessible'
import { demo, newest, record, signIn } from './demo'
import { expect, test } from './service'

test('a shift: sign in, an alert arrives, it is acknowledged and excused, and its minutes are gone', async ({ operator }) => {
  test.setTimeout(180_000)
  await demo(['--wearers', '60', '--speed', '60', '--seed', '1'], async (address, token) => {
    await signIn(operator, address, token)
    await operator.getByLabel('Kind').selectOption('left_during')
    const row = operator.locator('.row').first()
    await expect(async () => {
      const show = operator.getByRole('button', { name: /^Show new alerts/ })
      if (await show.isVisible()) await show.click()
      await expect(row).toBeVisible({ timeout: 500 })
    }).toPass({ timeout: 120_000 })
    await row.getByRole('button', { name: /^Acknowledge/ }).click()
    await expect(operator.locator('.row').first().locator('.row__due')).toContainText('Operator 42')
    const id = (await row.getAttribute('data-alert')) ?? ''
    const absent = async () => (await record(address, token, id)).decision.evidence['absent_s']
    expect(await absent()).toBeGreaterThan(0)
    await row.getByRole('link').first().click()
    const excuse = operator.locator('details[data-action=adjudicate]')
    await excuse.locator('summary').click()
    await excuse.getByLabel('Reasonable excuse').check()
    await excuse.getByLabel('Why, in your words').fill('letter of the hospital seen')
    await excuse.getByRole('button').click()
    await expect(operator.getByText('Adjudicate: reasonable excuse')).toBeVisible()
    await expect.poll(absent, { timeout: 30_000 }).toBe(0)
    await expect(operator.locator('h1')).toContainText('left during')
    await expect(operator.getByText(/^0 (s|min)$/).first()).toBeVisible({ timeout: 30_000 })
    await operator.screenshot({ path: 'screenshots/shift-excused.png', fullPage: true })
  })
})

test('tags that cry wolf are one incident, and it lists them', async ({ operator }) => {
  test.setTimeout(180_000)
  const scenario = ['--scenario', '../fixtures/scenarios/firmware-bug.toml', '--speed', '120']
  await demo(scenario, async (address, token) => {
    await signIn(operator, address, token)
    const found = () => newest(address, token, 'incident')
    await expect.poll(found, { timeout: 120_000 }).toBeTruthy()
    await operator.goto(`${address}/console/alerts/${(await found())?.alert}`)
    await expect(operator.getByRole('heading', { name: 'What it lists' })).toBeVisible()
    await expect(operator.locator('.listed tbody tr').first()).toContainText('Strap')
    expect(await operator.locator('.listed tbody tr').count()).toBeGreaterThan(5)
    await expect(operator.locator('.sentence')).toContainText(/Incident: one fault on many devices at once.*, \d+ alerts, since/)
    await expect(operator.locator('details[data-action=contact]'), 'nobody can be rung up about it').toHaveCount(0)
    await fitsAndIsAccessible(operator, 'incident')
  })
})

test('an evening of drinking is shown as a curve with its threshold', async ({ operator }) => {
  test.setTimeout(180_000)
  const scenario = ['--scenario', '../fixtures/scenarios/payday-night.toml', '--speed', '300']
  await demo(scenario, async (address, token) => {
    await signIn(operator, address, token)
    const found = () => newest(address, token, 'alcohol_confirmed')
    await expect.poll(found, { timeout: 150_000 }).toBeTruthy()
    await operator.goto(`${address}/console/alerts/${(await found())?.alert}`)
    await expect(operator.getByText(/Transdermal alcohol in mg\/100 mL; dashed: the threshold of 20/)).toBeVisible()
    await fitsAndIsAccessible(operator, 'alcohol')
  })
})
