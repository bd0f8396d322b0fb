/**
 * One source's way into the inventory: steps are stored in their order, each only after the queue holds every message that
 * it stands for. Steps that wait for that are stored together.
 */
import type { Inventory, Step } from '../inventory.ts'
import type { Persist } from './persist.ts'

export interface Ledger {
  /** Hands over a step and the promise that its messages are accepted (false: given up, nothing is stored from there on). */
  add(step: Step, accepted: Promise<boolean>): void
  /** Resolves when everything handed over is stored, or given up. */
  settled(): Promise<void>
}

export interface Storing {
  readonly inventory: Inventory
  readonly persist: Persist
  /** Aborts when waiting for the inventory is to end. */
  readonly signal: AbortSignal
}

interface Entry {
  readonly step: Step
  readonly accepted: Promise<boolean>
}

/** The ledger of one source. */
export function startLedger(source: string, { inventory, persist, signal }: Storing): Ledger {
  let entries: Entry[] = []
  let running: Promise<void> | undefined
  let isGivenUp = false

  async function storeAll(): Promise<void> {
    while (entries.length > 0 && !isGivenUp) {
      const taken = entries
      entries = []
      const steps = await acceptedOf(taken)
      isGivenUp = steps.length < taken.length
      if (steps.length === 0) continue
      try {
        await persist(() => inventory.commit(source, mergeSteps(steps)), signal)
      } catch (error) {
        if (!signal.aborted) throw error
        isGivenUp = true
      }
    }
    entries = []
    running = undefined
  }

  return {
    add(step, accepted) {
      if (isGivenUp) return
      entries.push({ step, accepted })
      running ??= storeAll()
    },
    settled: () => running ?? Promise.resolve(),
  }
}

/** The steps up to the first that was given up. */
async function acceptedOf(entries: readonly Entry[]): Promise<Step[]> {
  const steps: Step[] = []
  for (const { step, accepted } of entries) {
    if (!(await accepted)) break
    steps.push(step)
  }
  return steps
}

/** One step that does what these do one after the other. */
export function mergeSteps(steps: readonly Step[]): Step {
  const puts = new Map<string, string>()
  const deletes = new Set<string>()
  for (const step of steps) {
    for (const key of step.deletes) {
      puts.delete(key)
      deletes.add(key)
    }
    for (const [key, fingerprint] of step.puts) {
      deletes.delete(key)
      puts.set(key, fingerprint)
    }
  }
  return { puts, deletes: [...deletes], cursor: steps.at(-1)?.cursor ?? {} }
}
