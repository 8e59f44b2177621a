import { fitsAndIsAccessible } from './accessible'
import { expect, firstRow, test } from './service'

const PAGES = ['alerts', 'alert', 'wearer', 'wall', 'system', 'plain', 'plain-alert', 'plain-queues'] as const

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
      'plain-alert': `/alerts/${await row.getAttribute('data-alert')}`,
      'plain-queues': '/queues',
    }[name]
    await operator.goto(address)
    await expect(operator.locator('h1')).toBeVisible()
    await expect(operator.getByText(/^Loading|^not known yet$/)).toHaveCount(0)
    if (name === 'alert' || name === 'wearer') await expect(operator.locator('.map canvas').first()).toBeVisible()
    await fitsAndIsAccessible(operator, name, name !== 'alerts')
    if (name === 'alert') {
      await operator.emulateMedia({ media: 'print' })
      await expect(operator.getByRole('button', { name: 'Acknowledge' })).toBeHidden()
      await operator.screenshot({ path: 'screenshots/alert-print.png', fullPage: true })
    }
  })
}
