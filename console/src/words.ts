/** Names of formats, as people read them. src/web/console/words.rs reads them the same way. */

/** Titles of the kinds of alert, as the service gives them. */
const titles = new Map<string, string>()

export function setTitles(kinds: { name: string; title: string }[]): void {
  for (const kind of kinds) titles.set(kind.name, kind.title)
}

/** A kind of alert: `left_during` is "Curfew: left during". */
export function title(kind: string): string {
  return titles.get(kind) ?? words(kind)
}

const ACRONYMS = new Set(['atv', 'gps', 'hmu', 'rf', 'tac', 'ir'])

/** Alerts about the installation itself, such as incidents, name nobody. */
export const isAPerson = (wearer: string) => !wearer.startsWith('(')

/** Units at the end of a number's name. */
const UNITS: Record<string, string> = { m: 'm', s: 's', c: '°C', pct: '%' }

/** Within a sentence: "Late return" is "late return", and "TAC" stays. */
export function inSentence(title: string): string {
  return /^[A-Z]{2}/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1)
}

/** What the engine says of names of formats in a sentence: "strap_cut reported" is "strap cut reported". */
export function readable(sentence: string): string {
  return sentence.replace(/\b[a-z]+(_[a-z]+)+\b/g, (name) => inSentence(words(name)))
}

/** `late_return` is "Late return". */
export function words(name: string): string {
  return name
    .split('_')
    .map((word, place) => {
      if (ACRONYMS.has(word)) return word.toUpperCase()
      return place === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word
    })
    .join(' ')
}

/** `deepest_m` is "Deepest", in "m"; `fall_per_h` is "Fall per hour". */
export function quantity(name: string): { title: string; unit: string } {
  const parts = name.split('_')
  const last = parts.at(-1) ?? ''
  const unit = parts.length > 1 ? UNITS[last] : undefined
  if (unit) return { title: words(parts.slice(0, -1).join('_')), unit }
  if (name.endsWith('_per_h')) return { title: words(name.slice(0, -'_per_h'.length)), unit: 'mg/100 mL an hour' }
  return { title: words(name), unit: '' }
}

/** `police/west-midlands` is "Police, West Midlands". */
export function place(name: string): string {
  return name
    .split('/')
    .map((part) => part.split('-').map(words).join(' '))
    .join(', ')
}
