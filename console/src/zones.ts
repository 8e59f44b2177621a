/** Zones as they were registered: by themselves, or among others in a set that many orders point at. */

import type { Feature, FeatureCollection } from 'geojson'
import * as api from './api'
import type { Decision } from './model'

/** What an order says of the zones of its conditions: names of zones, and of sets as `set:schools`. */
export interface Zoned {
  conditions: { id: string; kind: string; zones?: string[] }[]
}

const SET = 'set:'

/** Zones of a set are not drawn on a wearer's map beyond this many: a county's schools are no picture of anything. */
const OF_A_SET_MAX = 50

/** The zone that a decision is about, as of when it was made. */
export async function zoneOf({ order, condition, registry, evidence: { zone } }: Decision): Promise<Feature | undefined> {
  if (!zone) return undefined
  const alone = await found<Feature>('zone', zone, registry)
  if (alone || !order) return alone
  const document = await found<Zoned>('order', order, registry)
  for (const name of namesOf(document, condition).filter((name) => name.startsWith(SET))) {
    const set = await found<FeatureCollection>('zone_set', name.slice(SET.length), registry)
    const one = set?.features.find(({ id }) => String(id) === zone)
    if (one) return one
  }
  return undefined
}

/** Every zone of some orders that is fit to be drawn. */
export async function zonesOf(orders: Zoned[]): Promise<Feature[]> {
  const names = [...new Set(orders.flatMap((order) => namesOf(order)))]
  const all = await Promise.all(names.map(named))
  return all.flat()
}

async function named(name: string): Promise<Feature[]> {
  if (!name.startsWith(SET)) return [await found<Feature>('zone', name)].filter((zone) => zone !== undefined)
  const set = await found<FeatureCollection>('zone_set', name.slice(SET.length))
  const zones = set?.features ?? []
  return zones.length > OF_A_SET_MAX ? [] : zones
}

function namesOf(order: Zoned | undefined, condition?: string): string[] {
  const conditions = order?.conditions.filter(({ id }) => !condition || id === condition) ?? []
  return conditions.flatMap(({ zones }) => zones ?? [])
}

/** Nothing where it is not registered: an order may name what nobody has drawn yet. */
async function found<D>(kind: string, id: string, revision?: number): Promise<D | undefined> {
  try {
    return (await api.registered<D>(kind, id, revision)).document ?? undefined
  } catch (error) {
    if (error instanceof api.Refusal && (error.status === 404 || error.status === 403)) return undefined
    throw error
  }
}

/** "Z-7, Castle Bridge": what people call it, too. */
export function zoneName(zone: Feature): string {
  const name: unknown = zone.properties?.['name']
  return typeof name === 'string' ? `${zone.id}, ${name}` : String(zone.id)
}
