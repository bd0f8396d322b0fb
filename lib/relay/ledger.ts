/**
 * One source's way into the queue and the inventory: steps are stored in their order, each only after the queue holds every
 * message that it stands for. Steps that come while others wait are stored together, so that what is kept here is bounded by
 * the number of objects and not by how often they change.
 */
import type { Inventory, Step } from '../inventory.ts'
import type { Outbox, Parcel, Receipt } from './outbox.ts'
import type { Persist } from './persist.ts'

export interface Ledger {
  /** Posts messages, and stores the step that they come from once the queue holds them. */
  enter(step: Step, parcels: readonly Parcel[]): void
  /** Resolves when everything entered is stored, or given up. */
  settled(): Promise<void>
}

export interface Storing {
  readonly outbox: Outbox
  readonly inventory: Inventory
  readonly persist: Persist
  /** Aborts when waiting for the inventory is to end. */
  readonly signal: AbortSignal
  /** Told what the inventory will never take. */
  fail(error: unknown): void
}

/** Steps to be stored as one, and what is owed before that. */
interface Page {
  readonly puts: Map<string, string>
  readonly deletes: Set<string>
  cursor: Step['cursor'] | undefined
  readonly receipt: Receipt & { readonly accepted: Promise<boolean>; close(): void }
}

const blankPage = (): Page => ({
  puts: new Map(),
  deletes: new Set(),
  cursor: undefined,
  receipt: startReceipt(),
})

/** The ledger of one source. */
export function startLedger(source: string, { outbox, inventory, persist, signal, fail }: Storing): Ledger {
  let page = blankPage()
  let running: Promise<void> | undefined
  let isGivenUp = false

  async function storePages(): Promise<void> {
    while (page.cursor !== undefined && !isGivenUp) {
      const full = page
      page = blankPage()
      isGivenUp = !(await store(full))
    }
    running = undefined
  }

  async function store({ puts, deletes, cursor = {}, receipt }: Page): Promise<boolean> {
    receipt.close()
    if (!(await receipt.accepted)) return false
    try {
      await persist(() => inventory.commit(source, { puts, deletes: [...deletes], cursor }), signal)
      return true
    } catch (error) {
      if (!signal.aborted) fail(error)
      return false
    }
  }

  return {
    enter(step, parcels) {
      outbox.post(parcels, page.receipt)
      if (isGivenUp) return
      write(step, page)
      running ??= storePages()
    },
    settled: () => running ?? Promise.resolve(),
  }
}

/** Makes the page do what it did and then what the step does. */
function write({ puts, deletes, cursor }: Step, page: Page): void {
  for (const key of deletes) {
    page.puts.delete(key)
    page.deletes.add(key)
  }
  for (const [key, fingerprint] of puts) {
    page.deletes.delete(key)
    page.puts.set(key, fingerprint)
  }
  page.cursor = cursor
}

/** Counts what is owed; closed (nothing more will be) and all paid, it is accepted. */
function startReceipt(): Page['receipt'] {
  const { promise: accepted, resolve } = Promise.withResolvers<boolean>()
  let owed = 0
  let isClosed = false
  const settle = () => {
    if (isClosed && owed === 0) resolve(true)
  }
  return {
    accepted,
    owe: () => void owed++,
    pay(isAccepted) {
      owed -= 1
      if (!isAccepted) resolve(false)
      settle()
    },
    close() {
      isClosed = true
      settle()
    },
  }
}
