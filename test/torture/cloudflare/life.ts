/** One memory of a Durable Object, from its construction to its end: what a process is elsewhere. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { DurableObjectState } from '@cloudflare/workers-types'

/** The life in which something is done, by its number. */
export const life = new AsyncLocalStorage<number>()

/** Of each life its own. */
export const newLife = (): number => Math.floor(Math.random() * 2 ** 48)

/**
 * An alarm that is set for later than in so many milliseconds comes then: one that finds nothing due sets itself again, and what
 * stands in for whoever died comes soon enough for many deaths. Undefined: alarms are as they are set.
 */
export function hastened(ctx: DurableObjectState, mostMs: unknown): DurableObjectState {
  const { storage } = ctx
  if (mostMs === undefined) return ctx
  const setAlarm = storage.setAlarm.bind(storage)
  storage.setAlarm = (time) => setAlarm(Math.min(Number(time), Date.now() + Number(mostMs)))
  return ctx
}

/** Whoever is told to die does not answer. */
export async function died(death: Promise<unknown>): Promise<Response> {
  try {
    await death
  } catch (error) {
    if (error instanceof Error && error.message.includes(KILLED)) return new Response(null, { status: 204 })
    throw error
  }
  throw new Error('it has survived')
}

export const KILLED = 'killed by the torture'
