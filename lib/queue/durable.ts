/**
 * The queue on Cloudflare: a Durable Object for each key is the exact workqueue of that key and runs it; one for each cluster lets
 * them run and knows which of them wait. The producer's half is `durable/send.ts`, that of people `durable/desk.ts`. A Worker
 * exports a class of its own for each of the two, which says what it works with.
 */
import { DurableObject } from 'cloudflare:workers'
import type { DurableObjectState } from '@cloudflare/workers-types'
import { type Clock, systemClock as clock } from '../clock.ts'
import type { Database } from '../database.ts'
import type { Message } from '../message.ts'
import type { ControllerLimit, Handle } from '../queue.ts'
import type { Report } from '../report.ts'
import { type Grant, type IndexCalls, indexOf, type KeyCalls } from './durable/calls.ts'
import { type List, type PageRequest, type QueueBindings, ROOT, type Standing } from './durable/calls.ts'
import { type Index, openIndex } from './durable/cluster.ts'
import { type Key, openKey } from './durable/key.ts'
import { durableQueue } from './durable/send.ts'
import type { KeyStorage } from './durable/shelf.ts'

const random = Math.random

export interface KeyOptions {
  readonly handle: Handle
  readonly report: Report
  /** Its own instead of the platform's. */
  readonly clock?: Clock
  readonly storage?: KeyStorage
}

/** The Durable Object of one key, under the key's name. */
export class DurableKey<Env extends QueueBindings> extends DurableObject<Env> implements KeyCalls {
  readonly #key: Key

  constructor(ctx: DurableObjectState, env: Env, options: KeyOptions) {
    super(ctx, env)
    const queue = durableQueue(env)
    const note = (standing: Standing) => env.INDEX.getByName(indexOf(standing.key)).note([standing])
    this.#key = openKey({ clock, storage: ctx.storage, random, queue, note, ...options })
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
}

/** The Durable Object that knows the keys of a cluster, under the cluster's name; the one without a name knows the others. */
export class DurableIndex<Env extends QueueBindings> extends DurableObject<Env> implements IndexCalls {
  readonly #index: Index

  constructor(ctx: DurableObjectState, env: Env, { limits, ...options }: IndexOptions) {
    super(ctx, env)
    const { name = ROOT } = ctx.id
    const enroll = async () => (name === ROOT ? undefined : env.INDEX.getByName(ROOT).enroll(name))
    this.#index = openIndex({ clock, random, keys: env.KEYS, enroll, ...options })
    const concurrency = [...limits.values()].reduce((sum, limit) => sum + limit.concurrency, 0)
    const { signal } = new AbortController()
    // For as long as this object is in memory: it has no end but its own.
    void this.#index.letRun({ concurrency, controllerLimits: limits, signal })
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
  names() {
    return this.#index.names()
  }
}
