/**
 * Times of built-in kinds, as Go's `time` package reads and writes them: `metav1.Time` in whole seconds, `metav1.MicroTime` in
 * microseconds, both in UTC whatever the zone was that they came in.
 */

const LAYOUTS = {
  time: '2006-01-02T15:04:05Z07:00',
  micro: '2006-01-02T15:04:05.000000Z07:00',
} as const

/** The parts of Go's layout of a time, what stands for each, and the largest number there may be. */
const PARTS: readonly [part: string, pattern: RegExp, most?: number, name?: string][] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/, 12, 'month'],
  ['-', /^-/],
  ['02', /^\d{2}/, 31, 'day'],
  ['T', /^T/],
  ['15', /^\d{2}/, 23, 'hour'],
  [':', /^:/],
  ['04', /^\d{2}/, 59, 'minute'],
  [':', /^:/],
  ['05', /^\d{2}/, 59, 'second'],
]

const ZONE = /^(Z|[-+]\d{2}:\d{2})/
const MICRO_DIGITS = 6

/** A time of the kind that there are most of; only its day needs no calendar. */
const ORDINARY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/** Why Go would not read the text, in its words; undefined where it does. */
export function timeProblem(text: string, isMicro: boolean): string | undefined {
  if (!isMicro && ORDINARY.test(text)) return undefined
  const layout = isMicro ? LAYOUTS.micro : LAYOUTS.time
  const refuse = (rest: string, part: string) =>
    `parsing time "${text}" as "${layout}": cannot parse "${rest}" as "${part}"`
  let rest = text
  for (const [part, pattern, most, name] of PARTS) {
    const match = pattern.exec(rest)
    if (match === null) return refuse(rest, part)
    const number = Number(match[0])
    if (most !== undefined && (number > most || (most < 32 && most !== 23 && number === 0)))
      return `parsing time "${text}": ${name} out of range`
    rest = rest.slice(match[0].length)
  }
  const fraction = /^[.,]\d+/.exec(rest)?.[0] ?? ''
  if (isMicro && fraction.length <= MICRO_DIGITS) return refuse(rest, '.000000')
  rest = rest.slice(isMicro ? MICRO_DIGITS + 1 : fraction.length)
  const zone = ZONE.exec(rest)?.[0]
  if (zone === undefined) return refuse(rest, 'Z07:00')
  const [hours = 0, minutes = 0] = zone === 'Z' ? [] : zone.slice(1).split(':').map(Number)
  if (hours > 24) return `parsing time "${text}": time zone offset hour out of range`
  if (minutes > 60) return `parsing time "${text}": time zone offset minute out of range`
  if (rest !== zone) return `parsing time "${text}": extra text: ${JSON.stringify(rest.slice(zone.length))}`
  return hasDay(text) ? undefined : `parsing time "${text}": day out of range`
}

/** Has the month that day? */
function hasDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const CANONICAL = /^[^.,]{19}Z$/

/** A time that is none of {@link timeProblem}'s, as Go writes it. */
export function canonicalTime(text: string, isMicro: boolean): string {
  if (!isMicro && CANONICAL.test(text)) return text
  const fraction = /[.,](\d+)/.exec(text)?.[1] ?? ''
  const whole = text.replace(/[.,]\d+/, '')
  // Date.parse knows no zone of 24 hours.
  const [, local = '', sign = '+', hours = '0', minutes = '0'] =
    /^(.{19})(?:([-+])(\d\d):(\d\d))?/.exec(whole) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '+' ? 1 : -1)
  const seconds = new Date(Date.parse(`${local}Z`) - offset).toISOString().slice(0, 19)
  return isMicro ? `${seconds}.${fraction.slice(0, MICRO_DIGITS).padEnd(MICRO_DIGITS, '0')}Z` : `${seconds}Z`
}
