import { defineConfig } from '@playwright/test'

/** Debian's Chromium: nothing is downloaded. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** A debug build on a busy machine, and an alert that has to happen first. */
const PATIENCE_MS = 120_000

/** Tests in which a day of the tags' time passes, or hours of it. */
const [DAY, HOURS] = [/silence\.spec\.ts/, /shift\.spec\.ts/]

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  timeout: PATIENCE_MS,
  expect: { timeout: 20_000 },
  // One demo for each worker serves all tests, which build on one another's night no more than operators do. They wait most of the
  // time: two have room on two cores.
  workers: 2,
  fullyParallel: true,
  reporter: [['list']],
  // What takes longest begins first.
  projects: [
    { name: 'day', testMatch: DAY },
    { name: 'hours', testMatch: HOURS },
    { name: 'pages', testIgnore: [DAY, HOURS] },
  ],
  use: {
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: CHROMIUM,
      // Chromium's own sandbox does not work for root in a container.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
