/**
 * SQS as AWS documents it, in memory and on a clock that is moved by hand: for what the emulator does not do (several messages of
 * one group in one receive, deduplication per group, batches and delays refused beyond their limits) and for hours of delay.
 * Thin: what `Sqs` needs, and no more.
 */
import type { Clock } from '../../../lib/clock.ts'
import type { Received, Receiving, Sending, Sqs } from '../../../lib/queue/sqs/calls.ts'

interface QueueSettings {
  readonly visibilitySeconds: number
  /** After so many receipts a message goes to the dead-letter queue. */
  readonly maxReceives?: number
  readonly dead?: string
  /** A receive hands out one group only, as AWS may; else as many as there are. */
  readonly isOneGroupAtATime?: boolean
}

interface Stored {
  readonly id: string
  readonly sending: Sending
  readonly sentAt: number
  visibleAt: number
  receives: number
  handle: string
}

interface Queue {
  readonly settings: QueueSettings
  readonly isFifo: boolean
  messages: Stored[]
  /** When ids were seen last, by group and id. */
  readonly seen: Map<string, number>
}

interface SqsDouble extends Sqs {
  /** Calls so far, by name. */
  readonly calls: Record<'send' | 'receive' | 'remove' | 'release' | 'depth', number>
  /** What a queue holds, whoever may see it. */
  bodies(queue: string): unknown[]
  /** Called once, when something has changed. */
  onChange(listener: () => void): void
  /** The next calls of a kind fail, each with its error. */
  readonly failures: { send: Error[]; remove: Error[] }
}

const WINDOW_MS = 300_000

/** Queues by URL; those that end in `.fifo` are FIFO. */
export function sqsDouble(clock: Clock, settings: Readonly<Record<string, QueueSettings>>): SqsDouble {
  const queues = new Map<string, Queue>(
    Object.entries(settings).map(([url, one]) => [
      url,
      { settings: one, isFifo: url.endsWith('.fifo'), messages: [], seen: new Map() },
    ]),
  )
  const calls = { send: 0, receive: 0, remove: 0, release: 0, depth: 0 }
  const failures: SqsDouble['failures'] = { send: [], remove: [] }
  const listeners = new Set<() => void>()
  const waiters = new Set<() => void>()
  let serial = 0
  const changed = () => {
    for (const wake of [...waiters]) wake()
    const waiting = [...listeners]
    listeners.clear()
    for (const listener of waiting) listener()
  }
  const queueOf = (url: string): Queue => {
    const queue = queues.get(url)
    if (queue === undefined) throw Object.assign(new Error(`no queue ${url}`), { name: 'QueueDoesNotExist' })
    return queue
  }

  function store(queue: Queue, sending: Sending): void {
    const { group, deduplicationId, delaySeconds = 0 } = sending
    if (queue.isFifo && (group === undefined || deduplicationId === undefined || delaySeconds > 0))
      throw new Error('InvalidParameterValue: FIFO needs group and id, and has no delay of a message')
    if (!queue.isFifo && delaySeconds > 900) throw new Error('InvalidParameterValue: DelaySeconds')
    if ((group ?? '').length > 128 || (deduplicationId ?? '').length > 128)
      throw new Error('InvalidParameterValue')
    const id = `${group} ${deduplicationId}`
    const now = clock.now()
    if (queue.isFifo && (queue.seen.get(id) ?? Number.NEGATIVE_INFINITY) > now - WINDOW_MS) return
    queue.seen.set(id, now)
    const visibleAt = now + delaySeconds * 1000
    queue.messages.push({ id: `m${++serial}`, sending, sentAt: now, visibleAt, receives: 0, handle: '' })
    if (delaySeconds > 0) clock.after(delaySeconds * 1000, changed)
  }

  function take(queue: Queue, { most, visibilitySeconds }: Receiving): Received[] {
    const now = clock.now()
    const taken: Stored[] = []
    const locked = new Set(
      queue.messages.filter(({ visibleAt, receives }) => visibleAt > now && receives > 0).map(groupOf),
    )
    for (const message of [...queue.messages]) {
      if (taken.length === most) break
      if (message.visibleAt > now || (queue.isFifo && locked.has(groupOf(message)))) continue
      const [first] = taken
      if (queue.settings.isOneGroupAtATime && first && groupOf(first) !== groupOf(message)) continue
      if (message.receives >= (queue.settings.maxReceives ?? Number.POSITIVE_INFINITY)) bury(queue, message)
      else taken.push(message)
    }
    const seconds = visibilitySeconds ?? queue.settings.visibilitySeconds
    for (const message of taken) {
      message.visibleAt = now + seconds * 1000
      message.receives += 1
      message.handle = `h${++serial}`
      clock.after(seconds * 1000, changed)
    }
    return taken.map(toReceived)
  }

  function bury(queue: Queue, message: Stored): void {
    queue.messages = queue.messages.filter((other) => other !== message)
    if (queue.settings.dead !== undefined)
      queueOf(queue.settings.dead).messages.push({ ...message, visibleAt: 0 })
  }

  return {
    calls,
    failures,
    bodies: (url) => queueOf(url).messages.map(({ sending }) => JSON.parse(sending.body) as unknown),
    onChange: (listener) => void listeners.add(listener),
    async send(url, messages) {
      calls.send += 1
      const failure = failures.send.shift()
      if (failure !== undefined) throw failure
      if (messages.length < 1 || messages.length > 10) throw new Error('TooManyEntriesInBatchRequest')
      const bytes = messages.reduce((sum, { body, note = '' }) => sum + Buffer.byteLength(body + note), 0)
      if (bytes > 1_048_576) throw new Error('BatchRequestTooLong')
      const refusals = messages.flatMap((sending, index) =>
        /[^\t\n\r\u0020-\uFFFD]/.test(`${sending.body}${sending.note ?? ''}`)
          ? [{ index, code: 'InvalidMessageContents', isFinal: true }]
          : [],
      )
      const isRefused = (at: number) => refusals.some(({ index }) => index === at)
      for (const [at, sending] of messages.entries()) if (!isRefused(at)) store(queueOf(url), sending)
      changed()
      return refusals
    },
    async receive(url, how) {
      calls.receive += 1
      const { waitSeconds, signal } = how
      const end = clock.now() + waitSeconds * 1000
      for (;;) {
        const received = signal?.aborted ? [] : take(queueOf(url), how)
        if (received.length > 0 || clock.now() >= end || signal?.aborted) return received
        await new Promise<void>((resolve) => {
          const wake = () => {
            cancel()
            signal?.removeEventListener('abort', wake)
            waiters.delete(wake)
            resolve()
          }
          const cancel = clock.after(end - clock.now(), wake)
          signal?.addEventListener('abort', wake)
          waiters.add(wake)
        })
      }
    },
    async remove(url, handles) {
      calls.remove += 1
      const failure = failures.remove.shift()
      if (failure !== undefined) throw failure
      const queue = queueOf(url)
      queue.messages = queue.messages.filter(({ handle }) => !handles.includes(handle))
      changed()
    },
    async release(url, handles) {
      calls.release += 1
      for (const message of queueOf(url).messages)
        if (handles.includes(message.handle)) message.visibleAt = clock.now()
      changed()
    },
    async depth(url) {
      calls.depth += 1
      const now = clock.now()
      const { messages } = queueOf(url)
      const visible = messages.filter(({ visibleAt }) => visibleAt <= now).length
      const inFlight = messages.filter(({ visibleAt, receives }) => visibleAt > now && receives > 0).length
      return { visible, inFlight }
    },
  }
}

const groupOf = ({ sending }: Stored): string => sending.group ?? ''

const toReceived = ({ id, handle, sending, sentAt, receives }: Stored): Received => ({
  id,
  handle,
  body: sending.body,
  note: sending.note,
  group: sending.group,
  sentAt,
  receives,
})
