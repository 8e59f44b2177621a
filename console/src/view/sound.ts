/** A sound for critical alerts, for those who switch it on. */

const KEY = 'tagwatch.sound'

/** Two short tones, a fifth apart: heard over a room, and not taken for a telephone. Hertz and seconds. */
const TONES = [
  { frequency: 660, at: 0 },
  { frequency: 990, at: 0.18 },
]
const TONE_S = 0.16
const LOUDNESS = 0.25

let context: AudioContext | undefined

export function isOn(): boolean {
  return localStorage.getItem(KEY) === 'on'
}

/** Whether the browser lets the page sound: only after somebody has done something in it, since it was loaded. */
export const canSound = () => navigator.userActivation?.hasBeenActive ?? true

/** Switches it; on, it sounds once, so that whoever did hears how loud it is. */
export function toggle(): void {
  localStorage.setItem(KEY, isOn() ? 'off' : 'on')
  if (isOn()) void sound()
}

export async function sound(): Promise<void> {
  if (!isOn()) return
  context ??= new AudioContext()
  await context.resume()
  for (const tone of TONES) {
    const oscillator = context.createOscillator()
    const loudness = context.createGain()
    oscillator.frequency.value = tone.frequency
    loudness.gain.value = LOUDNESS
    oscillator.connect(loudness).connect(context.destination)
    oscillator.start(context.currentTime + tone.at)
    oscillator.stop(context.currentTime + tone.at + TONE_S)
  }
}
