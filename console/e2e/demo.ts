/** A demo of a test's own, that asks for tokens. */

import { spawn } from 'node:child_process'
import type { Page } from '@playwright/test'
import type { Alert, AlertHistory } from '../src/model'
import { expect, line, TAGWATCH } from './service'

/** A demo that asks for tokens, for as long as something is done with it. */
export async function demo(args: string[], work: (address: string, token: string) => Promise<void>): Promise<void> {
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

export async function signIn(page: Page, address: string, token: string): Promise<void> {
  await page.goto(`${address}/console/`)
  await page.getByLabel('Your name or number').fill('Operator 42')
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.locator('.top__line--live')).toBeVisible()
}

/** The alert of a kind that changed last, if there is one. */
export async function newest(address: string, token: string, kind: string): Promise<Alert | undefined> {
  const { alerts } = await asked<{ alerts: Alert[] }>(address, token, `alerts?kind=${kind}&limit=1`)
  return alerts[0]
}

/** An alert as it stands now. */
export async function record(address: string, token: string, id: string): Promise<Alert> {
  return (await asked<AlertHistory>(address, token, `alerts/${id}`)).record
}

async function asked<T>(address: string, token: string, path: string): Promise<T> {
  const answer = await fetch(`${address}/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(200)
  return (await answer.json()) as T
}
