/// <reference types="vite/client" />

declare module 'virtual:coastline' {
  import type { FeatureCollection } from 'geojson'
  const countries: FeatureCollection
  export default countries
}
