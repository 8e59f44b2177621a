/** How many alerts were opened in each of the last hours. */

import { html, svg } from 'lit-html'
import { clockTime, now } from '../clock'
import type { Alert } from '../model'
import type { Content } from './dom'

const HOURS = 12
const HOUR_MS = 60 * 60 * 1000
const BAR = { width: 40, gap: 8, height: 300 }

export function trend(alerts: Alert[]): Content {
  const hours = Array.from({ length: HOURS }, () => 0)
  for (const alert of alerts) {
    const ago = Math.floor((now() - Date.parse(alert.opened)) / HOUR_MS)
    if (ago >= 0 && ago < HOURS) hours[HOURS - 1 - ago] = (hours[HOURS - 1 - ago] ?? 0) + 1
  }
  const most = Math.max(1, ...hours)
  const width = HOURS * (BAR.width + BAR.gap)
  return html`<figure class="trend">
    <figcaption>New alerts an hour, since ${clockTime(now() - HOURS * HOUR_MS)}; at most ${most}</figcaption>
    <svg viewBox="0 0 ${width} ${BAR.height + 24}" role="img" aria-label="New alerts in each of the last ${HOURS} hours: ${hours.join(', ')}">
      ${hours.map((count, index) => {
        const height = (count / most) * BAR.height
        const x = index * (BAR.width + BAR.gap)
        return svg`<rect class="trend__bar" x=${x} y=${BAR.height - height} width=${BAR.width} height=${height} />
          <text class="trend__count" x=${x + BAR.width / 2} y=${BAR.height + 20} text-anchor="middle">${count}</text>`
      })}
    </svg>
  </figure>`
}
