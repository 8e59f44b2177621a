/**
 * What lies beneath: the pictures of a server of tiles, where an installation has one; otherwise what comes with the
 * console, which needs no internet: the coast, towns and villages, and a grid of degrees.
 */

import type { FeatureCollection } from 'geojson'
import Feature from 'ol/Feature'
import GeoJSON from 'ol/format/GeoJSON'
import { Point } from 'ol/geom'
import type BaseLayer from 'ol/layer/Base'
import Graticule from 'ol/layer/Graticule'
import TileLayer from 'ol/layer/Tile'
import VectorLayer from 'ol/layer/Vector'
import { fromLonLat } from 'ol/proj'
import VectorSource from 'ol/source/Vector'
import XYZ from 'ol/source/XYZ'
import { Circle, Fill, Stroke, Style, Text } from 'ol/style'
import coastline from 'virtual:coastline'
import places from 'virtual:places'
import type { Tiles } from '../model'
import { inhabitantsMin } from './places'

const COLOURS = { land: '#f3f2f1', coast: '#858686', grid: '#d8d8d8', place: '#484949' }

export function base(tiles: Tiles | null): BaseLayer[] {
  return tiles ? [pictures(tiles)] : [coast(), grid(), towns()]
}

function pictures({ url, attribution }: Tiles): TileLayer {
  return new TileLayer({ source: new XYZ({ url, attributions: attribution }) })
}

function coast(): BaseLayer {
  const features = new GeoJSON().readFeatures(coastline as FeatureCollection, { featureProjection: 'EPSG:3857' })
  const style = new Style({ fill: new Fill({ color: COLOURS.land }), stroke: new Stroke({ color: COLOURS.coast, width: 1 }) })
  return new VectorLayer({ source: new VectorSource({ features }), style })
}

/** Without streets a grid of degrees says at least how the picture lies. */
function grid(): BaseLayer {
  return new Graticule({ strokeStyle: new Stroke({ color: COLOURS.grid, width: 1 }), showLabels: true, wrapX: false, targetSize: 160 })
}

/** The larger ones first: where there is no room for both names, theirs is kept. */
function towns(): BaseLayer {
  const features = places.map(
    ([name, lon, lat, inhabitants]) => new Feature({ geometry: new Point(fromLonLat([lon, lat])), name, inhabitants }),
  )
  const source = new VectorSource({ features, attributions: 'Natural Earth; GeoNames, CC BY 4.0' })
  return new VectorLayer({
    source,
    declutter: true,
    style: (feature, resolution) => {
      const inhabitants = Number(feature.get('inhabitants'))
      return inhabitants < inhabitantsMin(resolution) ? undefined : town(String(feature.get('name')))
    },
  })
}

function town(name: string): Style {
  const colour = new Fill({ color: COLOURS.place })
  return new Style({
    image: new Circle({ radius: 2, fill: colour }),
    text: new Text({
      text: name,
      font: '13px arial, sans-serif',
      textAlign: 'left',
      offsetX: 6,
      fill: colour,
      stroke: new Stroke({ color: '#ffffff', width: 3 }),
    }),
  })
}
