import { expect, firstRow, test } from './service'

/** A picture of a pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64')

const ZONE_ENTERED = '?kind=exclusion_zone_entered'

test('without a server of tiles a map draws what came with the console, and asks nobody', async ({ operator, service }) => {
  const asked: string[] = []
  operator.on('request', (request) => asked.push(request.url()))
  const row = await firstRow(operator, ZONE_ENTERED)
  await row.getByRole('link').first().click()
  await expect(operator.locator('.ol-attribution')).toContainText(/Natural Earth.*GeoNames/)
  expect(asked.filter((url) => !url.startsWith(service) && !url.startsWith('data:'))).toEqual([])
})

test('where a server of tiles is configured, the map is its pictures', async ({ operator, service }) => {
  await operator.route('**/console/settings', async (route) => {
    const settings = await (await route.fetch()).json()
    await route.fulfill({ json: { ...settings, tiles: { url: `${service}/tiles/{z}/{x}/{y}.png`, attribution: 'Tiles: the council' } } })
  })
  const asked: string[] = []
  await operator.route('**/tiles/**', (route) => {
    asked.push(new URL(route.request().url()).pathname)
    return route.fulfill({ body: PIXEL, contentType: 'image/png' })
  })
  const row = await firstRow(operator, ZONE_ENTERED)
  await row.getByRole('link').first().click()
  await expect(operator.locator('.ol-attribution')).toHaveText(/Tiles: the council/)
  await expect(operator.locator('.ol-attribution')).not.toContainText('GeoNames')
  await expect.poll(() => asked.length).toBeGreaterThan(0)
  expect(asked[0]).toMatch(/^\/tiles\/\d+\/\d+\/\d+\.png$/)
})

/** A zone so wide that what it is about is a speck in the middle of it. */
const WIDE_M = 5_000

/** How much of the map's height what is drawn in a zone's red spans, from 0 to 1. */
function redSpan(canvas: HTMLCanvasElement): number {
  const { width, height } = canvas
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
  const rows: number[] = []
  for (let at = 0; at < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = pixels.slice(at, at + 3)
    if (Math.abs(red - 0xca) + Math.abs(green - 0x35) + Math.abs(blue - 0x35) < 30) rows.push(Math.floor(at / 4 / width))
  }
  return rows.length === 0 ? 0 : ((rows.at(-1) ?? 0) - (rows[0] ?? 0)) / height
}

test('a zone that is a circle is drawn, also where it is one of a set, and is named', async ({ operator }) => {
  const row = await firstRow(operator, ZONE_ENTERED)
  const id = await row.getAttribute('data-alert')
  const { record } = await (await operator.request.get(`/v1/alerts/${id}`)).json()
  const { evidence, condition } = record.decision
  const [{ lat, lon }] = evidence.fixes
  const circle = {
    type: 'Feature',
    id: evidence.zone,
    properties: { name: 'Abbey Green School', radius_m: WIDE_M },
    geometry: { type: 'Point', coordinates: [lon, lat] },
  }
  const order = { conditions: [{ id: condition, kind: 'exclusion_zone', zones: ['set:schools'] }] }
  await operator.route('**/v1/registry/zone/*', (route) => route.fulfill({ status: 404, json: { detail: 'it is not registered' } }))
  await operator.route('**/v1/registry/order/*', (route) => route.fulfill({ json: { document: order } }))
  await operator.route('**/v1/registry/zone_set/schools?*', (route) =>
    route.fulfill({ json: { document: { type: 'FeatureCollection', features: [circle] } } }),
  )
  await row.getByRole('link').first().click()
  await expect(operator.locator('.govuk-summary-list').getByText(`${evidence.zone}, Abbey Green School`)).toBeVisible()
  const drawn = operator.locator('.map canvas').first()
  await expect.poll(() => drawn.evaluate(redSpan)).toBeGreaterThan(0.6)
})

test('criticals that nobody has taken on are on the wall’s map, also once they are over', async ({ operator }) => {
  await firstRow(operator, ZONE_ENTERED)
  await operator.goto('/console/wall')
  await expect(operator.getByRole('region', { name: /^Map of [1-9]\d* critical/ })).toBeVisible()
})
