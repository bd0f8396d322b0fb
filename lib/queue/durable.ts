/**
 * The queue on Cloudflare: a Durable Object for each key is the exact workqueue of that key and runs it; one for each cluster lets
 * them run and knows which of them wait. The producer's half is `durable/send.ts`, that of people `durable/desk.ts`. A Worker
 * exports a class of its own for each of the two, which says what it works with.
 */
import { DurableObject } from 'cloudflare:workers'
import type { DurableObjectState } from '@cloudflare/workers-types'
import { type Clock, systemClock } from '../clock.ts'
import type { Database } from '../database.ts'
import type { Message } from '../message.ts'
import type { ControllerLimit, Handle } from '../queue.ts'
import type { Report } from '../report.ts'
import type { PageRequest } from './desk.ts'
import {
  type Grant,
  type IndexCalls,
  indexOf,
  type KeyCalls,
  type List,
  type QueueBindings,
  ROOT,
  type Standing,
} from './durable/calls.ts'
import { type Index, type Letting, openIndex } from './durable/cluster.ts'
import { type Key, openKey } from './durable/key.ts'
import { durableQueue } from './durable/send.ts'
import type { KeyStorage } from './durable/shelf.ts'

const random = Math.random

export interface KeyOptions {
  readonly handle: Handle
  readonly report: Report
  /** Instead of the platform's. */
  readonly clock?: Clock | undefined
  readonly storage?: KeyStorage | undefined
}

/** The Durable Object of one key, under the key's name. */
export class DurableKey<Env extends QueueBindings> extends DurableObject<Env> implements KeyCalls {
  readonly #key: Key

  constructor(ctx: DurableObjectState, env: Env, options: KeyOptions) {
    super(ctx, env)
    const { clock = systemClock, storage = ctx.storage, handle, report } = options
    const queue = durableQueue(env)
    const note = (standing: Standing) => env.INDEX.getByName(indexOf(standing.key)).note([standing])
    const end = () => void ctx.storage.sync().then(() => ctx.abort('a run has not come to its end'))
    this.#key = openKey({ clock, storage, handle, report, random, queue, note, end })
  }

  add(messages: readonly Message[]) {
    return this.#key.add(messages)
  }
  run(grant: Grant) {
    return this.#key.run(grant)
  }
  show() {
    return this.#key.show()
  }
  redrive() {
    return this.#key.redrive()
  }
  drop() {
    return this.#key.drop()
  }
  alarm() {
    return this.#key.alarm()
  }
}

export interface IndexOptions {
  /** Of the object's own storage. */
  readonly database: Database
  /** What each controller may do at once, and how often for one key. */
  readonly limits: ReadonlyMap<string, ControllerLimit>
  readonly report: Report
  /** Instead of the platform's. */
  readonly clock?: Clock | undefined
  readonly name?: string | undefined
}

/** The Durable Object that knows the keys of a cluster, under the cluster's name; the one without a name knows the others. */
export class DurableIndex<Env extends QueueBindings> extends DurableObject<Env> implements IndexCalls {
  readonly #index: Index

  constructor(ctx: DurableObjectState, env: Env, options: IndexOptions) {
    super(ctx, env)
    const { clock = systemClock, name = ctx.id.name ?? ROOT, database, limits, report } = options
    const enroll = async () => (name === ROOT ? undefined : env.INDEX.getByName(ROOT).enroll(name))
    this.#index = openIndex({ clock, random, keys: env.KEYS, enroll, database, report })
    const concurrency = [...limits.values()].reduce((sum, limit) => sum + limit.concurrency, 0)
    // For as long as this object is in memory: it has no end but its own.
    const { signal } = new AbortController()
    if (concurrency > 0) void this.letRun({ concurrency, controllerLimits: limits, signal })
  }

  /** Lets keys run beside those that `limits` lets run, until the signal aborts. */
  protected letRun(letting: Letting) {
    return this.#index.letRun(letting)
  }

  note(standings: readonly Standing[]) {
    return this.#index.note(standings)
  }
  list(list: List, page: PageRequest) {
    return this.#index.list(list, page)
  }
  redrive(keys: readonly string[]) {
    return this.#index.redrive(keys)
  }
  drop(keys: readonly string[]) {
    return this.#index.drop(keys)
  }
  enroll(name: string) {
    return this.#index.enroll(name)
  }
  depths() {
    return this.#index.depths()
  }
  names() {
    return this.#index.names()
  }
}
