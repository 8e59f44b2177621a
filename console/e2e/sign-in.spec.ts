import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const folder = mkdtempSync(join(tmpdir(), 'tagwatch-console-'))
  const config = join(folder, 'tagwatch.toml')
  writeFileSync(config, CONFIG.replace('store.sqlite', join(folder, 'store.sqlite')))
  const service = spawn(TAGWATCH, ['run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const address = await line(service.stderr, /^tagwatch serves (http:\/\/\S+)/)
    const create = ['token', '--config', config, 'create', '--name', 'Desk', '--role', 'operator', '--expires', '1d', '--by', 'chief']
    const token = execFileSync(TAGWATCH, create, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    await operator.goto(`${address}/console/`)
    await operator.getByLabel('Your name or number').fill('PC 42')
    await operator.getByLabel('Token').fill('tw_0a1b2c3d4e_wrong')
    await operator.getByRole('button', { name: 'Sign in' }).click()
    await expect(operator.getByRole('alert')).toContainText('unknown, revoked or past its time')
    await operator.getByLabel('Token').fill(token)
    await operator.getByRole('button', { name: 'Sign in' }).click()
    await expect(operator.getByText('Nothing to deal with')).toBeVisible()
    await expect(operator.locator('.top__line--live')).toBeVisible()
    await expect(operator.getByText('PC 42')).toBeVisible()
    await operator.getByRole('link', { name: 'Sign out' }).click()
    await operator.getByRole('button', { name: 'Sign out' }).click()
    await expect(operator.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  } finally {
    service.kill()
    await new Promise((ended) => service.once('exit', ended))
    rmSync(folder, { recursive: true })
  }
})
