import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { fitsAndIsAccessible } from './accessible'
import { expect, line, TAGWATCH, test } from './service'

/** An installation that asks for tokens. It has no broker, and so no alerts. */
const CONFIG = `
installation = "sign-in"
partitions = 1
registry = []
[mqtt]
host = "127.0.0.1"
port = 1
[store]
path = "store.sqlite"
[http]
listen = "127.0.0.1:0"
access = "tokens"
`

test('where tokens are asked for, people sign in at the door, and out again', async ({ operator }) => {
  await installed(async ({ start, token }) => {
    const address = await start()
    await operator.goto(`${address}/console/`)
    await expect(operator.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    await fitsAndIsAccessible(operator, 'sign-in')
    await signIn(operator, 'tw_0a1b2c3d4e_wrong')
    await expect(operator.getByRole('alert')).toContainText('unknown, revoked or past its time')
    await signIn(operator, token)
    await expect(operator.getByText('Nothing to deal with')).toBeVisible()
    await expect(operator.locator('.top__line--live')).toBeVisible()
    await expect(operator.getByText('PC 42', { exact: true })).toBeVisible()
    await operator.getByRole('link', { name: 'Sign out' }).click()
    await operator.getByRole('button', { name: 'Sign out' }).click()
    await expect(operator.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  })
})

test('a service that is killed is said to be away; back at its address, it is taken up again where one was', async ({ operator }) => {
  await installed(async ({ start, kill, token }) => {
    const address = await start()
    await operator.goto(`${address}/console/wall`)
    await signIn(operator, token)
    await expect(operator.locator('.top__line--live')).toBeVisible()
    await kill('SIGKILL')
    await expect(operator.getByText('what is shown may be old')).toBeVisible()
    await start(address)
    // Sessions live in the process: whoever was signed in is asked again, and comes back to the page they were on.
    await signIn(operator, token)
    await expect(operator).toHaveURL(`${address}/console/wall`)
    await expect(operator.locator('.top__line--live')).toBeVisible()
  })
})

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Your name or number').fill('PC 42', { timeout: 40_000 })
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

interface Installation {
  token: string
  /** Starts the service, at an address that it had before if one is given; says which. */
  start: (address?: string) => Promise<string>
  kill: (signal?: NodeJS.Signals) => Promise<void>
}

/** An installation with a folder of its own, for as long as something is done with it. */
async function installed(work: (installation: Installation) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tagwatch-console-'))
  const config = join(folder, 'tagwatch.toml')
  const listenAt = (host: string) =>
    writeFileSync(config, CONFIG.replace('store.sqlite', join(folder, 'store.sqlite')).replace('127.0.0.1:0', host))
  let service: ChildProcess | undefined
  const start = async (before?: string) => {
    listenAt(before ? new URL(before).host : '127.0.0.1:0')
    const started = spawn(TAGWATCH, ['run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    service = started
    return line(started.stderr, /^tagwatch serves (http:\/\/\S+)/)
  }
  const kill = async (signal?: NodeJS.Signals) => {
    if (!service || service.exitCode !== null || service.signalCode !== null) return
    const ended = new Promise((resolve) => service?.once('exit', resolve))
    service.kill(signal)
    await ended
  }
  try {
    listenAt('127.0.0.1:0')
    const create = ['token', '--config', config, 'create', '--name', 'Desk', '--role', 'operator', '--expires', '1d', '--by', 'chief']
    const token = execFileSync(TAGWATCH, create, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    await work({ token, start, kill })
  } finally {
    await kill()
    rmSync(folder, { recursive: true })
  }
}
