import { demo, signIn } from './demo'
import { expect, test } from './service'

/** A day of silence, after which nobody is monitored, passes in two and a half minutes. */
const SPEED = '600'

test('wearers whom nobody hears are on the wall, by list and on the map, with where they were last', async ({ operator }) => {
  test.setTimeout(300_000)
  await demo(['--scenario', 'e2e/silence.toml', '--speed', SPEED], async (address, token) => {
    await signIn(operator, address, token)
    await operator.goto(`${address}/console/wall`)
    // Some wear nothing that knows where it is.
    const silent = operator.locator('.wall__silent li').filter({ hasText: 'last at' }).first()
    await expect(silent).toBeVisible({ timeout: 60_000 })
    const last = silent.locator('.wall__last')
    await expect(last).toHaveText(/^last at 5\d\.\d{5}, -?\d\.\d{5}, .* ago$/)
    const first = await last.textContent()
    await expect(last).not.toHaveText(first ?? '') // its age counts up
    await expect(operator.getByRole('region', { name: /where [1-9]\d* silent wearers? w/ })).toBeVisible()
    await expect(operator.locator('#wall-map canvas').first()).toBeVisible()
    await operator.screenshot({ path: 'screenshots/wall-silent.png', fullPage: true })

    // A day later the last position is older than the trail, and is known all the same.
    await expect(silent).toContainText('Not monitored', { timeout: 200_000 })
    await expect(last).toHaveText(/^last at .*1 d \d+ h ago$/)
    await expect(operator.locator('.wall__silent').getByText('No position in 28 days').first()).toBeVisible()
    await silent.getByRole('link').click()
    await expect(operator.locator('.silent--alerts')).toContainText('Not monitored')
    await expect(operator.locator('.last-known')).toContainText(/Not heard for 1 d/)
    await operator.screenshot({ path: 'screenshots/wearer-silent.png', fullPage: true })
  })
})
