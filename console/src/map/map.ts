/**
 * Where it happened: the zone or the place, the fixes with their uncertainty, the way between them.
 *
 * OpenLayers itself, not @ministryofjustice/hmpps-electronic-monitoring-components (read at version 0.4.7). Its em-map does not come
 * up without a style of Ordnance Survey's vector tiles, which need a key and the internet, and writes a style element, which the content
 * security policy forbids. Its layers can be used without it, but want an older `ol` (10.8 or 10.10), and install a web server and
 * MapLibre for the fifty lines that they would spare here. Points, circles and arrows look like theirs.
 */

import type { Feature as GeoJsonFeature } from 'geojson'
import Feature from 'ol/Feature'
import OlMap from 'ol/Map'
import View from 'ol/View'
import { defaults as controls, ScaleLine } from 'ol/control'
import { boundingExtent, createEmpty, extend, type Extent, isEmpty } from 'ol/extent'
import GeoJSON from 'ol/format/GeoJSON'
import { LineString, Point, type Geometry } from 'ol/geom'
import { circular } from 'ol/geom/Polygon'
import { defaults as interactions } from 'ol/interaction'
import VectorLayer from 'ol/layer/Vector'
import { fromLonLat, transformExtent } from 'ol/proj'
import VectorSource from 'ol/source/Vector'
import { Circle as CircleStyle, Fill, RegularShape, Stroke, Style, Text } from 'ol/style'
import 'ol/ol.css'
import { clockTime } from '../clock'
import type { Fix, Tiles } from '../model'
import { base } from './base'

const COLOURS = {
  zone: '#ca3535',
  place: '#1d70b8',
  fix: '#0b0c0c',
  outlier: '#54319f',
}

/**
 * A circle around a fix holds the wearer 19 times in 20, where the error along each axis is normal with the
 * standard deviation that the rules assume: the square root of -2 ln 0.05.
 */
const SIGMAS = 2.448

/** Segments of a circle on the ground: enough to look round. */
const CIRCLE_SIDES = 48

/** Where there is nothing to show: from the Scillies to Shetland, in degrees. */
const BRITAIN = [-8, 49.8, 2, 61]

/** The closest that a map zooms by itself: some 500 m across; to a single point, a few kilometres, for it says nothing of its surroundings. */
const ZOOM_MAX = { some: 17, one: 14 }

/** What is narrower than this, in metres of the projection, is as good as a point. */
const SPECK_M = 150

export interface Shown {
  /** GeoJSON of zones, in degrees: an area, or a point with the radius of a circle around it. */
  zones?: GeoJsonFeature[]
  /** A place: a point in degrees, and a radius in metres. */
  place?: { lat: number; lon: number; radius_m: number }
  /** Oldest first. */
  fixes: Fix[]
  /** They are of different people: no way leads from one to the next. */
  apart?: boolean
  /** Where there is nothing to show, the map lies around these. */
  around?: Fix[]
  /** The fix at which the episode began, or the first after it did, and the one it was concluded from. */
  onset?: string
  onsetIsBefore?: boolean
  decided?: string
}

/** `about`: what it is to show first, if that is not everything. */
export function draw(target: HTMLElement, shown: Shown, tiles: Tiles | null, about?: Fix[]): OlMap {
  const content = contents(shown)
  const map = new OlMap({
    target,
    layers: [...base(tiles), ...content],
    view: new View({ maxZoom: 20 }),
    controls: controls({ rotate: false, attributionOptions: { collapsible: false } }).extend([new ScaleLine()]),
    // A page with a map in it must still scroll: the wheel alone belongs to the page.
    interactions: interactions({ mouseWheelZoom: false, altShiftDragRotate: false, pinchRotate: false }),
  })
  fit(map, about ? [points({ fixes: about })] : content, shown.around)
  return map
}

/** Shows something else on a map that is there, which stays as it lies. */
export function show(map: OlMap, shown: Shown): void {
  replace(map, contents(shown))
}

/** Shows something else on a map that is there, all of it. */
export function showAll(map: OlMap, shown: Shown): void {
  const content = contents(shown)
  replace(map, content)
  fit(map, content, shown.around)
}

function fit(map: OlMap, content: Layer[], around: Fix[] = []): void {
  const shown = content.reduce<Extent>((all, layer) => extend(all, layer.getSource()?.getExtent() ?? createEmpty()), createEmpty())
  const extent = isEmpty(shown) ? boundingExtent(around.map(({ lon, lat }) => fromLonLat([lon, lat]))) : shown
  const seen = isEmpty(extent) ? transformExtent(BRITAIN, 'EPSG:4326', 'EPSG:3857') : extent
  map.getView().fit(seen, { padding: [48, 48, 48, 48], maxZoom: isOnePoint(extent) ? ZOOM_MAX.one : ZOOM_MAX.some })
}

/** Where a position and the circle around it are all there is. */
function isOnePoint([west = 0, , east = 0]: Extent): boolean {
  return east - west < SPECK_M
}

function replace(map: OlMap, content: Layer[]): void {
  const layers = map.getLayers()
  content.forEach(() => layers.pop())
  content.forEach((layer) => layers.push(layer))
}

function contents(shown: Shown): Layer[] {
  return [area(shown), circles(shown.fixes), way(shown.apart ? [] : shown.fixes), points(shown)]
}

type Layer = VectorLayer<VectorSource<Feature<Geometry>>>

function layer(features: Feature<Geometry>[], style: Style | ((feature: Feature<Geometry>) => Style | Style[]), declutter = false): Layer {
  const source = new VectorSource<Feature<Geometry>>({ features })
  return new VectorLayer({ source, style: style as Style, declutter })
}

function area({ zones = [], place }: Shown): Layer {
  const features = zones.flatMap((zone) => new GeoJSON().readFeatures(zone) as Feature<Geometry>[]).map(onTheGround)
  if (place) features.push(new Feature(ring(place.lon, place.lat, place.radius_m)))
  const colour = zones.length > 0 ? COLOURS.zone : COLOURS.place
  const style = new Style({
    fill: new Fill({ color: `${colour}26` }),
    stroke: new Stroke({ color: colour, width: 3, lineDash: zones.length > 0 ? undefined : [8, 6] }),
  })
  return layer(features, style)
}

/** A zone that is a point is the circle around it. */
function onTheGround(zone: Feature<Geometry>): Feature<Geometry> {
  const geometry = zone.getGeometry()
  if (geometry instanceof Point) {
    const [lon = 0, lat = 0] = geometry.getCoordinates()
    return new Feature(ring(lon, lat, Number(zone.get('radius_m'))))
  }
  geometry?.transform('EPSG:4326', 'EPSG:3857')
  return zone
}

function ring(lon: number, lat: number, radius_m: number): Geometry {
  return circular([lon, lat], radius_m, CIRCLE_SIDES).transform('EPSG:4326', 'EPSG:3857')
}

function circles(fixes: Fix[]): Layer {
  const features = fixes.map((fix) => new Feature(ring(fix.lon, fix.lat, fix.sigma_m * SIGMAS)))
  const style = new Style({ fill: new Fill({ color: '#54319f1a' }), stroke: new Stroke({ color: COLOURS.outlier, width: 1 }) })
  return layer(features, style)
}

/** The straight way from fix to fix, with an arrow in the middle of each part. */
function way(fixes: Fix[]): Layer {
  const at = fixes.map((fix) => fromLonLat([fix.lon, fix.lat]))
  const features = at.slice(1).map((to, index) => new Feature<Geometry>(new LineString([at[index] as number[], to])))
  return layer(features, (feature) => {
    const [from = [0, 0], to = [0, 0]] = (feature.getGeometry() as LineString).getCoordinates()
    const turned = Math.atan2((to[0] ?? 0) - (from[0] ?? 0), (to[1] ?? 0) - (from[1] ?? 0))
    const middle = [((from[0] ?? 0) + (to[0] ?? 0)) / 2, ((from[1] ?? 0) + (to[1] ?? 0)) / 2]
    const arrow = new RegularShape({ points: 3, radius: 8, rotation: turned, fill: new Fill({ color: COLOURS.fix }) })
    return [
      new Style({ stroke: new Stroke({ color: COLOURS.fix, width: 2 }) }),
      new Style({ geometry: new Point(middle), image: arrow }),
    ]
  })
}

/** Of different people, a label that would hide another is left out; the list beside the map has all. */
function points({ fixes, apart, onset, onsetIsBefore, decided }: Shown): Layer {
  const features = fixes.map((fix) => new Feature({ geometry: new Point(fromLonLat([fix.lon, fix.lat])) as Geometry, fix }))
  return layer(features, (feature) => {
    const fix = feature.get('fix') as Fix
    const marks = [fix.observed_at === onset ? (onsetIsBefore ? 'began by' : 'began') : '', fix.observed_at === decided ? 'decided' : ''].filter(Boolean)
    const violates = fix.distance_m > 0
    return new Style({
      zIndex: marks.length,
      image: new CircleStyle({
        radius: marks.length > 0 ? 9 : 6,
        declutterMode: 'none',
        fill: new Fill({ color: violates ? COLOURS.zone : '#ffffff' }),
        stroke: new Stroke({ color: COLOURS.fix, width: marks.length > 0 ? 4 : 2 }),
      }),
      text: new Text({
        text: marks.length > 0 ? `${marks.join(', ')} ${clockTime(fix.observed_at)}` : (fix.label ?? ''),
        font: 'bold 14px arial, sans-serif',
        // Above where it began, below where it was decided: the two are often close.
        offsetY: marks[0]?.startsWith('began') ? -20 : 22,
        overflow: true,
        fill: new Fill({ color: COLOURS.fix }),
        backgroundFill: new Fill({ color: '#ffffffd9' }),
        padding: [2, 4, 2, 4],
      }),
    })
  }, apart)
}
