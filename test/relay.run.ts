/** A relay that runs against the metadata server, and what it has sent so far. Kinds and controllers for its tests. */
import * as z from 'zod'
import type { Inventory } from '../lib/inventory.ts'
import { noInventory } from '../lib/inventory/memory.ts'
import { defineKind } from '../lib/kind.ts'
import { type Message, messageSchema } from '../lib/message.ts'
import { type Controller, type ControllerOptions, defineController, defineOperator } from '../lib/operator.ts'
import type { Queue } from '../lib/queue.ts'
import { relay } from '../lib/relay.ts'
import type { Happening } from '../lib/report.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { type MetadataServer, metadataServer } from './relay.server.ts'

const group = 'test.fairlead.dev'
const versions = { v1: { storage: true, spec: z.object({ size: z.int().optional() }) } }

export const App = defineKind({ group, kind: 'App', scope: 'Namespaced', versions })
export const Tenant = defineKind({ group, kind: 'Tenant', scope: 'Cluster', versions })

/** A controller of Apps that is never run. */
export const apps = (options: Partial<ControllerOptions<never>> = {}): Controller =>
  defineController(App, { ...options, reconcile() {} }) as Controller

/** An owner reference to an App, or what `overrides` make of it. */
export const ownedBy = (name: string, overrides: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'App',
  name,
  uid: `uid-of-${name}`,
  controller: true,
  ...overrides,
})

interface Options {
  readonly server?: MetadataServer
  readonly inventory?: Inventory
  readonly clock?: FakeClock
  /** Where messages go; by default they are only noted. */
  readonly queue?: Queue
}

/** Runs a relay for these controllers until `stop`. The first lists have been read when the promise resolves. */
export async function runRelay(controllers: readonly Controller[], options: Options = {}) {
  const { server = metadataServer(), clock = fakeClock(), inventory = noInventory } = options
  const sent: Message[] = []
  const happenings: Happening[] = []
  const queue = {
    refusing: undefined as Error | undefined,
    async send(messages: readonly Message[]) {
      if (queue.refusing) throw queue.refusing
      sent.push(...messages.map((message) => messageSchema.parse(message)))
      await options.queue?.send(messages)
    },
  }
  const stopping = new AbortController()
  const report = (happening: Happening) => void happenings.push(happening)
  const using = { api: server.api, cluster: 'c1', queue, inventory, report, clock, random: () => 0 }
  const done = relay(defineOperator('test', controllers), using, stopping.signal)
  await clock.advance(0)
  return {
    server,
    clock,
    queue,
    happenings,
    inventory,
    sent,
    /** What was sent since it was last asked, as `lane controller [related] key: causes`; the code has had its turn. */
    async said(): Promise<string[]> {
      await clock.advance(0)
      return sent.splice(0).map(textOf)
    },
    /** The same after the quiet windows of now have ended. */
    async saidLater(): Promise<string[]> {
      await clock.advance(1_000)
      return sent.splice(0).map(textOf)
    },
    async stop() {
      stopping.abort(new Error('the test is over'))
      await clock.advance(0)
      await done
    },
    /** Stops without waiting. */
    abort: () => stopping.abort(new Error('the test is over')),
    done,
  }
}

function textOf({ lane, controller, related, namespace, name, causes }: Message): string {
  const key = namespace === undefined ? name : `${namespace}/${name}`
  return `${[lane, controller, ...(related ? [related] : []), key].join(' ')}: ${causes.join('; ')}`
}
