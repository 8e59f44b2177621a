/// <reference types="vite/client" />

declare module 'virtual:coastline' {
  import type { FeatureCollection } from 'geojson'
  const countries: FeatureCollection
  export default countries
}

declare module 'virtual:places' {
  /** Name, degrees east, degrees north, inhabitants; the largest first. */
  const places: [name: string, lon: number, lat: number, inhabitants: number][]
  export default places
}
