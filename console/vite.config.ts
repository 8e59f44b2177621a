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

/**
 * `virtual:coastline`: Natural Earth's 1:10m countries around here as GeoJSON, cut out of the package
 * world-atlas when the console is built, so that nobody's browser loads the world.
 */
function coastline(): Plugin {
  const name = 'virtual:coastline'
  return {
    name: 'coastline',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined
      const path = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json')
      const atlas = JSON.parse(readFileSync(path, 'utf8')) as Topology<{ countries: GeometryCollection }>
      const countries = feature(atlas, atlas.objects.countries)
      countries.features = countries.features.filter((country) => COUNTRIES.has(String(country.id)))
      const rounded = JSON.stringify(countries, (_key, value: unknown) =>
        typeof value === 'number' ? Number(value.toFixed(DECIMALS)) : value,
      )
      return `export default ${rounded}`
    },
  }
}

export default defineConfig({
  base: '/console/', // where src/web/console/bundle.rs serves it
  plugins: [coastline()],
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
