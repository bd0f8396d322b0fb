/**
 * Where watches write to: the answer of an HTTP request. With many watchers the calls into the kernel are what a change costs,
 * and copies of its line are what it weighs: lines of one turn of the event loop go out together, and those who are sent the
 * same share its bytes.
 */
import type { ServerResponse } from 'node:http'
import type { Sink } from './server.ts'

/** What is to be sent at the end of this turn of the event loop. One for all sinks of a server. */
export interface Turn {
  readonly flushes: Set<() => void>
  /** The latest text that was sent, and its bytes: watchers of one kind are sent the same, one after the other. */
  text: string
  bytes: Buffer
}

export const createTurn = (): Turn => ({ flushes: new Set(), text: '', bytes: Buffer.alloc(0) })

function schedule(turn: Turn, flush: () => void): void {
  if (turn.flushes.size === 0) setImmediate(() => flushAll(turn))
  turn.flushes.add(flush)
}

function flushAll(turn: Turn): void {
  const flushes = [...turn.flushes]
  turn.flushes.clear()
  for (const flush of flushes) flush()
  turn.text = ''
  turn.bytes = Buffer.alloc(0)
}

function encoded(turn: Turn, text: string): Buffer {
  if (turn.text !== text) {
    turn.text = text
    turn.bytes = Buffer.from(text)
  }
  return turn.bytes
}

/** A sink that holds as much as node's high-water mark before it asks to wait. */
export function sinkOf(response: ServerResponse, turn: Turn): Sink {
  const drained: (() => void)[] = []
  let held = ''
  let owesDrain = false
  const drain = () => {
    owesDrain = false
    for (const task of drained) task()
  }
  const flush = () => {
    const text = held
    held = ''
    if (text === '' || response.destroyed) return
    if (response.write(encoded(turn, text)) && owesDrain) drain()
  }
  response.on('drain', drain)
  return {
    write: (line) => {
      if (held === '') schedule(turn, flush)
      held += line
      owesDrain ||= response.writableNeedDrain || held.length >= response.writableHighWaterMark
      return !owesDrain
    },
    onDrain: (task) => void drained.push(task),
    onClose: (task) => (response.destroyed ? task() : void response.on('close', task)),
    end: () => {
      flush()
      response.end()
    },
    destroy: () => {
      held = ''
      response.destroy()
    },
    cut: (text) => {
      flush()
      response.write(text, () => response.destroy())
    },
  }
}
