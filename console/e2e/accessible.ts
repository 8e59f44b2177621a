/** What every page must be. */

import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './service'

/** A telephone at 400 %, a tablet, and a desk: CSS pixels. */
const WIDTHS = [320, 768, 1440]

/** WCAG 2.2 A and AA, as far as a machine can tell. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Whether a page can be used at every width, and by everybody; kept as a picture under its name. */
export async function fitsAndIsAccessible(page: Page, name: string, fullPage = true): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(over, `pixels that do not fit at ${width}`).toBeLessThanOrEqual(0)
    const found = await new AxeBuilder({ page }).withTags(RULES).analyze()
    const said = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(' ')}`)
    expect(said, `at ${width}`).toEqual([])
    await page.screenshot({ path: `screenshots/${name}-${width}.png`, fullPage })
  }
}
