/**
 * Schedules of CronJobs: five fields of minutes, hours, days of the month, months and days of the week, or a word for them;
 * read as robfig/cron reads them, with its complaints.
 */

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
]

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/** Why a schedule cannot be read; undefined where it can. */
export const scheduleProblem = (schedule: string): string | undefined => {
  const [, zone, rest] = /^(?:CRON_)?TZ=([^ ]*) (.*)$/s.exec(schedule) ?? []
  if (/^(CRON_)?TZ=/.test(schedule) && zone === undefined) return FALLEN
  if (zone !== undefined && !isZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`
  const spec = rest === undefined ? schedule : rest.trim()
  if (spec.startsWith('@')) return descriptorProblem(spec)
  const parts = spec.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== fields.length)
    return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [index, part] of parts.entries()) {
    const problem = fieldProblem(part, fields[index] ?? { min: 0, max: 0 })
    if (problem !== undefined) return problem
  }
  return undefined
}

/** A zone without anything behind it makes the real parser fall over, which its caller catches. */
const FALLEN = 'invalid schedule format: runtime error: slice bounds out of range [:-1]'

/** Is this the name of a time zone? */
export const isZone = (name: string): boolean => {
  if (name === '' || name === 'Local') return true
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    // Zones are files to the real server: case counts, and offsets are none.
    const isOtherCase = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase()
    return !isOtherCase && !/^[+-]/.test(name)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

const descriptorProblem = (spec: string): string | undefined => {
  if (descriptors.includes(spec)) return undefined
  const every = '@every '
  if (!spec.startsWith(every)) return `unrecognized descriptor: ${spec}`
  const why = durationProblem(spec.slice(every.length))
  return why === undefined ? undefined : `failed to parse duration ${spec}: ${why}`
}

const durationProblem = (text: string): string | undefined => {
  const quoted = JSON.stringify(text)
  if (text === '0' || /^[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return `time: missing unit in duration ${quoted}`
  const [, unit] =
    /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))*(?:\d+\.?\d*|\.\d+)([^.\d]+)/.exec(text) ?? []
  if (unit !== undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`
  return `time: invalid duration ${quoted}`
}

const fieldProblem = (field: string, bounds: Bounds): string | undefined => {
  for (const range of field.split(',').filter((one) => one !== '')) {
    const problem = rangeProblem(range, bounds)
    if (problem !== undefined) return problem
  }
  return undefined
}

const rangeProblem = (range: string, bounds: Bounds): string | undefined => {
  const [ends = '', ...steps] = range.split('/')
  const limits = ends.split('-')
  const parsed = limitsOf(limits, bounds, range)
  if (typeof parsed === 'string') return parsed
  if (steps.length > 1) return `too many slashes: ${range}`
  const step = steps[0] === undefined ? 1 : numberOf(steps[0])
  if (typeof step === 'string') return step
  const { start } = parsed
  const end = steps.length === 1 && limits.length === 1 ? bounds.max : parsed.end
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${range}`
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${range}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined
}

const limitsOf = (
  [low = '', high, ...more]: string[],
  bounds: Bounds,
  range: string,
): { start: number; end: number } | string => {
  if (low === '*' || low === '?') return { start: bounds.min, end: bounds.max }
  const start = limitOf(low, bounds)
  if (typeof start === 'string') return start
  if (more.length > 0) return `too many hyphens: ${range}`
  const end = high === undefined ? start : limitOf(high, bounds)
  return typeof end === 'string' ? end : { start, end }
}

const limitOf = (text: string, { min, names }: Bounds): number | string => {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  return named >= 0 ? named + min : numberOf(text)
}

const numberOf = (text: string): number | string => {
  if (!/^[+-]?\d+$/.test(text))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  const value = Number(text)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value
}
