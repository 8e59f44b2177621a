/** What happened when, as a strip: the window that was to be kept, absences, and what was decided. */

import { html, nothing, svg } from 'lit-html'
import { clockTime, fullTime } from '../clock'
import type { Decision } from '../model'
import { words } from '../words'
import type { Content } from './dom'

interface Bar {
  title: string
  kind: 'window' | 'absent' | 'present' | 'rf'
  from: number
  to: number
}

interface Mark {
  title: string
  at: number
}

/** A strip's drawing units; it stretches to the page. */
const WIDTH = 1000
const BAR = 24
const GAP = 8
const TOP = 8

/** A strip shows this share of its length beyond what happened, so that marks do not stand at its edge. */
const MARGIN = 0.04

export function timeline(decisions: Decision[], now: number): Content {
  const newest = decisions.at(-1)
  if (!newest) return nothing
  const bars = barsOf(newest, now)
  const marks = marksOf(decisions)
  if (bars.length === 0 && marks.length < 2) return nothing
  const times = [...bars.flatMap((bar) => [bar.from, bar.to]), ...marks.map((mark) => mark.at)]
  const [low, high] = [Math.min(...times), Math.max(...times)]
  const margin = Math.max(1, high - low) * MARGIN
  const x = (at: number) => ((at - low + margin) / (high - low + 2 * margin)) * WIDTH
  const height = TOP + bars.length * (BAR + GAP) + 8
  return html`<figure class="strip">
    <svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-label="Timeline; its times are listed below">
      ${bars.map(
        (bar, row) => svg`<rect class="strip__bar strip__bar--${bar.kind}" x=${x(bar.from)} y=${TOP + row * (BAR + GAP)}
          width=${Math.max(2, x(bar.to) - x(bar.from))} height=${BAR}><title>${bar.title}</title></rect>`,
      )}
      ${marks.map((mark) => svg`<line class="strip__mark" x1=${x(mark.at)} x2=${x(mark.at)} y1="0" y2=${height}><title>${mark.title}</title></line>`)}
    </svg>
    <figcaption>
      <ul class="strip__key">
        ${bars.map(
          (bar) => html`<li>
            <svg class="strip__sample" viewBox="0 0 16 16" aria-hidden="true"><rect class="strip__bar strip__bar--${bar.kind}" width="16" height="16" /></svg>
            ${bar.title}: ${range(bar.from, bar.to)}
          </li>`,
        )}
        ${marks.map((mark) => html`<li><span class="strip__line" aria-hidden="true"></span> ${mark.title}: ${clockTime(mark.at)}</li>`)}
      </ul>
    </figcaption>
  </figure>`
}

function range(from: number, to: number): string {
  return `${fullTime(from)} to ${clockTime(to)}`
}

function barsOf({ evidence }: Decision, now: number): Bar[] {
  const bars: Bar[] = []
  const bar = (title: string, kind: Bar['kind'], from?: string, to?: string) => {
    if (from) bars.push({ title, kind, from: Date.parse(from), to: to ? Date.parse(to) : now })
  }
  bar('Curfew', 'window', evidence.window_start, evidence.window_end)
  bar('Appointment', 'window', evidence.appointment_start, evidence.appointment_end)
  bar(evidence.absent_to ? 'Absent' : 'Absent, going on', 'absent', evidence.absent_from, evidence.absent_to)
  for (const absence of evidence.absences ?? []) bar('Absent', 'absent', absence.from, absence.to)
  if (evidence.rf) {
    const { in_range, since, observed_at } = evidence.rf
    bar(in_range ? 'Home unit hears the tag' : 'Home unit does not hear the tag', in_range ? 'present' : 'rf', since, observed_at)
  }
  return bars
}

function marksOf(decisions: Decision[]): Mark[] {
  const first = decisions[0]
  const began = first ? [{ title: 'Began', at: Date.parse(decisions.at(-1)?.onset ?? first.onset) }] : []
  return [...began, ...decisions.map((decision) => ({ title: words(decision.phase), at: Date.parse(decision.decided) }))]
}
