/**
 * Happenings as lines for people: time, what, whom, how. One line each, whatever texts of the cluster are in it; colour only where it
 * is asked for.
 */
import type { Happening, Report } from '../lib/index.ts'

const COLORS = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, gray: 90 }

type Color = keyof typeof COLORS

const LEASE_COLORS = {
  waiting: 'gray',
  held: 'green',
  released: 'green',
  lost: 'red',
  failing: 'red',
  forbidden: 'red',
} as const

interface Line {
  readonly verb: string
  readonly color: Color
  readonly subject: string
  readonly detail: string
}

/** A report that writes lines. `now` gives milliseconds since the epoch. */
export function printer(
  write: (line: string) => void,
  { color, now }: { color: boolean; now: () => number },
): Report {
  const paint = (text: string, hue: Color) => (color ? `\u001b[${COLORS[hue]}m${text}\u001b[0m` : text)
  return (happening) => {
    if (isRoutine(happening)) return
    const { verb, color: hue, subject, detail } = lineOf(happening)
    const time = new Date(now()).toISOString().slice(11, 23)
    write(
      `${paint(time, 'gray')} ${paint(verb.padEnd(10), hue)} ${plain(subject)}${detail ? `  ${paint(plain(detail), 'gray')}` : ''}`,
    )
  }
}

/** An API server converts at every read and write: nobody wants to read that it went well. */
const isRoutine = (happening: Happening): boolean =>
  happening.type === 'reviewed' && happening.verb === 'convert' && happening.result === 'allowed'

/** Texts of others must not start a line, colour one, or command the terminal: control and direction characters are shown. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (char) =>
    char === '\n' ? '\\n' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

function lineOf(happening: Happening): Line {
  switch (happening.type) {
    case 'changed':
      return line('changed', 'blue', `${happening.kind} ${happening.key}`, happening.cause)
    case 'sent':
      return line('sent', 'cyan', `${happening.controller} ${happening.key}`, happening.causes.join(', '))
    case 'reconciled': {
      const time = `${Math.round(happening.milliseconds)} ms, ${happening.calls} API calls`
      return line(
        'reconciled',
        'green',
        `${happening.controller} ${happening.key}`,
        `${time}: ${happening.outcome}`,
      )
    }
    case 'failed':
      return line('failed', 'red', `${happening.controller} ${happening.key}`, happening.error)
    case 'applied':
      return line('applied', 'magenta', `${happening.kind} ${happening.key}`, happening.action)
    case 'event':
      return line(
        'event',
        'yellow',
        `${happening.kind} ${happening.key}`,
        `${happening.eventType} ${happening.reason}: ${happening.note}`,
      )
    case 'rate':
      return stateLine(happening, happening.state === 'calm', happening.key)
    case 'parked':
      return line('parked', 'red', happening.key, happening.reason)
    case 'dropped':
      return line('dropped', 'red', `${happening.what} ${happening.key}`, happening.error)
    case 'reviewed': {
      const { verb, review, result, milliseconds, error } = happening
      const text = `${result} in ${Math.round(milliseconds)} ms${error === undefined ? '' : `: ${error}`}`
      return line('reviewed', result === 'allowed' ? 'green' : 'red', `${verb} ${review}`, text)
    }
    case 'received': {
      const { sender = 'nobody known', code, accepted, ignored, detail } = happening
      const text = `${code}: ${accepted} messages, ${ignored} ignored${detail === undefined ? '' : `: ${detail}`}`
      return line('received', code === 202 ? 'cyan' : 'red', `from ${sender}`, text)
    }
    case 'lease':
      return line(happening.state, LEASE_COLORS[happening.state], `lease ${happening.name}`, happening.detail)
    case 'store':
      return stateLine(happening, happening.state === 'accepting', happening.store)
    case 'watch':
      return stateLine(happening, happening.state === 'synced', `watch ${happening.kind}`)
  }
}

const line = (verb: string, color: Color, subject: string, detail: string): Line => ({
  verb,
  color,
  subject,
  detail,
})

/** What is told once per change of state. */
const stateLine = (
  { state, detail }: { readonly state: string; readonly detail: string },
  isGood: boolean,
  subject: string,
): Line => line(state, isGood ? 'green' : 'red', subject, detail)
