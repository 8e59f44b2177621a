import AxeBuilder from '@axe-core/playwright'
import { expect, firstRow, test } from './service'

/** A telephone at 400 %, a tablet, and a desk: CSS pixels. */
const WIDTHS = [320, 768, 1440]

/** WCAG 2.2 A and AA, as far as a machine can tell. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

const PAGES = ['alerts', 'alert', 'wearer', 'wall', 'system', 'plain'] as const

for (const name of PAGES) {
  test(`the page “${name}” is accessible, fits every width, and is kept as a picture`, async ({ operator }) => {
    const row = await firstRow(operator, '?kind=exclusion_zone_entered')
    const alert = await row.getByRole('link').first().getAttribute('href')
    const wearer = await row.locator('.row__who a').getAttribute('href')
    const address = {
      alerts: '/console/',
      alert: alert ?? '',
      wearer: wearer ?? '',
      wall: '/console/wall',
      system: '/console/system',
      plain: '/',
    }[name]
    await operator.goto(address)
    await expect(operator.locator('h1')).toBeVisible()
    await expect(operator.getByText(/^Loading|^not known yet$/)).toHaveCount(0)
    if (name === 'alert' || name === 'wearer') await expect(operator.locator('.map canvas').first()).toBeVisible()
    for (const width of WIDTHS) {
      await operator.setViewportSize({ width, height: 900 })
      await operator.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
      const over = await operator.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(over, `pixels that do not fit at ${width}`).toBeLessThanOrEqual(0)
      const found = await new AxeBuilder({ page: operator }).withTags(RULES).analyze()
      const said = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(' ')}`)
      expect(said, `at ${width}`).toEqual([])
      await operator.screenshot({ path: `screenshots/${name}-${width}.png`, fullPage: name !== 'alerts' })
    }
    if (name === 'alert') {
      await operator.emulateMedia({ media: 'print' })
      await expect(operator.getByRole('button', { name: 'Acknowledge' })).toBeHidden()
      await operator.screenshot({ path: 'screenshots/alert-print.png', fullPage: true })
    }
  })
}
