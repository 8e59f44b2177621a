import { spawn } from 'node:child_process'
import type { Page } from '@playwright/test'
import { expect, line, TAGWATCH, test } from './service'

/** A demo that asks for tokens, for as long as something is done with it. */
async function demo(args: string[], work: (address: string, token: string) => Promise<void>): Promise<void> {
  const free = ['--http', '127.0.0.1:0', '--mqtt', '127.0.0.1:0']
  const service = spawn(TAGWATCH, ['demo', '--tokens', ...args, ...free], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const address = line(service.stdout, /^\s*api\s+(http:\/\/\S+)/)
    const token = line(service.stdout, /^\s*access\s+operator:\s+(\S+)/)
    await work(await address, await token)
  } finally {
    service.kill()
    await new Promise((ended) => service.once('exit', ended))
  }
}

async function signIn(page: Page, address: string, token: string): Promise<void> {
  await page.goto(`${address}/console/`)
  await page.getByLabel('Your name or number').fill('Operator 42')
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.locator('.top__line--live')).toBeVisible()
}

/** The alert of a kind that changed last, if there is one. */
async function newest(address: string, token: string, kind: string): Promise<{ alert: string } | undefined> {
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch(`${address}/v1/alerts?kind=${kind}&limit=1`, { headers })
  expect(answer.status).toBe(200)
  const { alerts } = (await answer.json()) as { alerts: { alert: string }[] }
  return alerts[0]
}

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
    await row.getByRole('link').first().click()
    const excuse = operator.locator('details[data-action=adjudicate]')
    await excuse.locator('summary').click()
    await excuse.getByLabel('Reasonable excuse').check()
    await excuse.getByLabel('Why, in your words').fill('letter of the hospital seen')
    await excuse.getByRole('button').click()
    await expect(operator.getByText('Adjudicate: reasonable excuse')).toBeVisible()
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
    await operator.screenshot({ path: 'screenshots/incident.png', fullPage: true })
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
    await operator.screenshot({ path: 'screenshots/alcohol.png', fullPage: true })
  })
})
