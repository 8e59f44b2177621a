/** The real service with the demo's simulated tags, on free ports, for as long as the tests run. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { test as base, expect, type Page } from '@playwright/test'

export const TAGWATCH = process.env['TAGWATCH'] ?? '../target/debug/tagwatch'

/** Ten minutes of the tags' time pass in ten seconds: alerts come in all the while. */
const DEMO = ['demo', '--wearers', '60', '--speed', '60', '--seed', '1', '--http', '127.0.0.1:0', '--mqtt', '127.0.0.1:0']

/** What a process says of itself in the first line that matches. It may go on talking. */
export function line(output: Readable, wanted: RegExp): Promise<string> {
  const lines = createInterface(output)
  return new Promise<string>((resolve, reject) => {
    lines.on('line', (said) => {
      const matched = wanted.exec(said)?.[1]
      if (matched) resolve(matched)
    })
    lines.on('close', () => reject(new Error(`the service ended without saying ${wanted}`)))
  })
}

/** What a page must not do: fail, or break its content security policy, which Chromium says on the console. */
function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('pageerror', (error) => heard.push(error.message))
  page.on('console', (message) => {
    // A refusal is an answer like any other; Chromium calls it an error.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) heard.push(message.text())
  })
  return heard
}

export const test = base.extend<{ operator: Page }, { service: string }>({
  service: [
    async ({}, use) => {
      const demo = spawn(TAGWATCH, DEMO, { stdio: ['ignore', 'pipe', 'ignore'] })
      const address = await line(demo.stdout, /^\s*api\s+(http:\/\/\S+)/)
      await use(address)
      demo.kill()
      await new Promise((ended) => demo.once('exit', ended))
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ service }, use) => use(service),
  /** A page of somebody who has said who they are, and which must not complain. */
  operator: async ({ page }, use) => {
    const heard = complaints(page)
    await page.addInitScript(() => localStorage.setItem('tagwatch.actor', 'operator-17'))
    await use(page)
    expect(heard).toEqual([])
  },
})

export { expect }

/** Waits until the list, filtered as its address says, has an alert, and returns the first row. */
export async function firstRow(page: Page, filter = '') {
  const row = page.locator('.row').first()
  // What comes in waits behind a button, so that nothing jumps: the list is opened anew until it is in it.
  await expect(async () => {
    await page.goto(`/console/${filter}`)
    await expect(row).toBeVisible()
  }).toPass({ timeout: 90_000 })
  return row
}
