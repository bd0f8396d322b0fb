/**
 * The way from the relay to the queue: sends a key at once, then at most once per quiet window, the last change of a window
 * never lost; keeps to the order of keys, retries until the queue accepts, and tells when what it was given is safe there. What
 * it holds is bounded by the number of keys, however often they change and however long the queue refuses.
 */
import type { Clock } from '../clock.ts'
import { keyOf, keyText, type Message } from '../message.ts'
import type { Queue } from '../queue.ts'
import type { Report } from '../report.ts'
import { mergeWakes } from './message.ts'
import type { Persist } from './persist.ts'
import { startWindows } from './windows.ts'

/** Messages given to the queue in one call at most; adapters split further. */
const BATCH = 500
/** Keys waiting to be sent above which no more is read from the API server. */
const ROOM = 5_000

export interface Sending {
  readonly queue: Queue
  readonly clock: Clock
  readonly report: Report
  readonly persist: Persist
  /** Aborts when waiting for the queue is to end: what it has not accepted by then is given up. */
  readonly signal: AbortSignal
  /** Told what the queue will never take. */
  fail(error: unknown): void
}

/** A message and how long its key is to be quiet after it. */
export interface Parcel {
  readonly message: Message
  readonly quietMs: number
}

/** Told of what has to be in the queue before something else may happen: `pay` follows once for each `owe`. */
export interface Receipt {
  owe(): void
  /** False: it was given up. */
  pay(isAccepted: boolean): void
}

export interface Outbox {
  /** Takes parcels over. The receipt owes each key (once, however many of its parcels are merged) until the queue holds it. */
  post(parcels: readonly Parcel[], receipt: Receipt): void
  /** Resolves when there is room for more. */
  room(): Promise<void>
  /** No more quiet windows: sends what is held back, and resolves when nothing waits any more. */
  flush(): Promise<void>
}

/** A key on its way: waiting to be sent, being sent, or quiet. */
interface Slot {
  readonly key: string
  readonly quietMs: number
  waiting: Message | undefined
  receipts: Receipt[]
}

/** An outbox that is empty. One per relay: windows are per key, whichever source woke it. */
export function startOutbox(sending: Sending): Outbox {
  const { clock, signal } = sending
  const slots = new Map<string, Slot>()
  const ready: Slot[] = []
  let isSending = false
  let isFlushing = false
  const idle: (() => void)[] = []
  const roomy: (() => void)[] = []

  const windows = startWindows<Slot>(clock, (slot) => {
    if (slot.waiting === undefined) slots.delete(slot.key)
    else makeReady(slot)
  })
  const makeReady = (slot: Slot) => {
    ready.push(slot)
    if (!isSending) void sendAll()
  }

  async function sendAll(): Promise<void> {
    isSending = true
    // The changes of this moment go together.
    await undefined
    while (ready.length > 0) await sendBatch(ready.splice(0, BATCH))
    isSending = false
    for (const resolve of idle.splice(0)) resolve()
  }

  async function sendBatch(batch: readonly Slot[]): Promise<void> {
    const taken = batch.map((slot) => take(slot))
    const messages = taken.map(({ message }) => message)
    const isAccepted = await deliver(messages, sending)
    for (const { slot, receipts } of taken) {
      for (const receipt of receipts) receipt.pay(isAccepted)
      if (slot.quietMs > 0 && !isFlushing) windows.enter(slot, slot.quietMs)
      else if (slot.waiting === undefined) slots.delete(slot.key)
      else ready.push(slot)
    }
    if (ready.length < ROOM) for (const resolve of roomy.splice(0)) resolve()
  }

  function slotOf({ message, quietMs }: Parcel): Slot {
    const key = keyOf(message)
    const known = slots.get(key)
    if (known) {
      known.waiting = known.waiting === undefined ? message : mergeWakes(known.waiting, message)
      return known
    }
    const slot = { key, quietMs, waiting: message, receipts: [] }
    slots.set(key, slot)
    makeReady(slot)
    return slot
  }

  return {
    post(parcels, receipt) {
      for (const parcel of parcels) {
        const { receipts } = slotOf(parcel)
        if (receipts.includes(receipt)) continue
        receipts.push(receipt)
        receipt.owe()
      }
    },
    room() {
      if (ready.length < ROOM || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => roomy.push(resolve))
    },
    async flush() {
      isFlushing = true
      windows.endAll()
      if (isSending) await new Promise<void>((resolve) => idle.push(resolve))
    },
  }
}

function take(slot: Slot): { slot: Slot; message: Message; receipts: readonly Receipt[] } {
  const { waiting, receipts } = slot
  if (waiting === undefined) throw new Error(`outbox: nothing waits for ${slot.key}`)
  slot.waiting = undefined
  slot.receipts = []
  return { slot, message: waiting, receipts }
}

/** Sends until the queue accepts. False: it was given up. */
async function deliver(messages: readonly Message[], sending: Sending): Promise<boolean> {
  const { persist, queue, report, signal, fail } = sending
  try {
    await persist(() => queue.send(messages), signal)
  } catch (error) {
    if (!signal.aborted) fail(error)
    return false
  }
  for (const { controller, causes, ...key } of messages)
    report({ type: 'sent', controller, key: keyText(key), causes })
  return true
}
