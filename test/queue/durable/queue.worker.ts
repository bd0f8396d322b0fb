/**
 * The queue's Durable Objects as a Worker under test: each scene has keys and an index of its own, time is moved by hand, alarms go
 * off (for real) when their time has come, and what runs is answered by the test, over HTTP.
 */
import type { DurableObjectState } from '@cloudflare/workers-types'
import { durableDatabase } from '../../../lib/database/durable.ts'
import type { Delivery, Verdict } from '../../../lib/queue.ts'
import { DurableIndex, DurableKey } from '../../../lib/queue/durable.ts'
import {
  type IndexCalls,
  type KeyCalls,
  type Namespace,
  type QueueBindings,
  ROOT,
} from '../../../lib/queue/durable/calls.ts'
import type { Page, PageRequest } from '../../../lib/queue/desk.ts'
import { durableDesk } from '../../../lib/queue/durable/desk.ts'
import { durableQueue } from '../../../lib/queue/durable/send.ts'
import { clockOf, goOff, hasGoneOff, moveOn, storageOf, tick, timeNow } from './time.ts'

interface Ticking {
  tick(): Promise<void>
  die(): Promise<void>
}
interface Env extends QueueBindings {
  readonly KEYS: Namespace<KeyCalls & Ticking & { goOff(): Promise<void> }>
  readonly INDEX: Namespace<
    IndexCalls & Ticking & { begin(concurrency: number): Promise<void>; end(): Promise<void> }
  >
  /** Where the test answers. */
  readonly TEST: string
  /** Time is the platform's. */
  readonly LIVE: boolean
}

/** Of live scenes, where keys run without being let by the test. */
const LIMITS = new Map([['myapp', { concurrency: 10, rate: { burst: 1_000, perSecond: 1_000 } }]])

/** Names of a scene begin with it: `SCENE/KEY`. */
const sceneOf = (name = '') => name.slice(0, name.indexOf('/'))
const scoped = (env: Env, scene: string): Env => ({
  ...env,
  KEYS: { getByName: (name) => env.KEYS.getByName(`${scene}/${name}`) },
  INDEX: { getByName: (name) => env.INDEX.getByName(`${scene}/${name}`) },
})

const report = (happening: object) => console.log(JSON.stringify(happening))

/** `undefined`: the test leaves it out of its answer. */
async function askTest(env: Env, scene: string, delivery: Delivery): Promise<Verdict | undefined> {
  const answer = await fetch(`${env.TEST}/${scene}`, { method: 'POST', body: JSON.stringify(delivery) })
  if (answer.status !== 200) throw new Error(await answer.text())
  const { verdict } = (await answer.json()) as { verdict?: Verdict }
  return verdict
}

export class Key extends DurableKey<Env> {
  readonly #name: string
  readonly #storage: DurableObjectState['storage']

  constructor(ctx: DurableObjectState, env: Env) {
    const name = `key ${ctx.id.name}`
    const scene = sceneOf(ctx.id.name)
    super(ctx, scoped(env, scene), {
      report,
      clock: env.LIVE ? undefined : clockOf(name),
      storage: env.LIVE ? undefined : storageOf(name, ctx.storage),
      async handle(deliveries) {
        const answers = deliveries.map(async (one) => [one.id, await askTest(env, scene, one)] as const)
        return new Map(
          (await Promise.all(answers)).flatMap(([id, verdict]) => (verdict ? [[id, verdict]] : [])),
        )
      },
    })
    this.#name = name
    this.#storage = ctx.storage
  }
  async tick() {
    tick(this.#name)
  }
  async die() {
    this.ctx.abort('killed by the test')
  }
  goOff() {
    return goOff(this.#name, this.#storage)
  }
  override async alarm() {
    await super.alarm()
    hasGoneOff(this.#name)
  }
}

export class Index extends DurableIndex<Env> {
  readonly #name: string
  #stop = new AbortController()
  #letting: Promise<void>[] = []

  constructor(ctx: DurableObjectState, env: Env) {
    const name = `index ${ctx.id.name}`
    super(ctx, scoped(env, sceneOf(ctx.id.name)), {
      report,
      database: durableDatabase(ctx.storage),
      limits: env.LIVE ? LIMITS : new Map(),
      clock: env.LIVE ? undefined : clockOf(name),
      name: ctx.id.name?.slice(sceneOf(ctx.id.name).length + 1),
    })
    this.#name = name
  }
  async tick() {
    tick(this.#name)
  }
  async die() {
    this.ctx.abort('killed by the test')
  }
  async begin(concurrency: number) {
    this.#letting.push(this.letRun({ concurrency, controllerLimits: new Map(), signal: this.#stop.signal }))
  }
  async end() {
    this.#stop.abort()
    await Promise.all(this.#letting.splice(0))
    this.#stop = new AbortController()
  }
}

/** Messages of the tests are of the cluster `test`; what is no message is the root's. */
const ofEach = <T>(env: Env, call: (index: ReturnType<Env['INDEX']['getByName']>) => Promise<T>) =>
  Promise.all([ROOT, 'test'].map((name) => call(env.INDEX.getByName(name))))

async function allPages<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = []
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: 2, after })
    items.push(...page.items)
    after = page.next
    if (after === undefined) return items
  }
}

/** Who is killed does not answer. */
const isKilled = (error: Error): void => {
  if (!error.message.includes('killed by the test')) throw error
}

/** What the test asks for: `POST /VERB/SCENE` with the arguments as JSON. */
const verbs: Record<string, (env: Env, ...args: never[]) => Promise<unknown>> = {
  send: (env, messages) => durableQueue(env).send(messages),
  begin: (env, concurrency) => ofEach(env, (index) => index.begin(concurrency)),
  end: (env) => ofEach(env, (index) => index.end()),
  // Not by the desk: an index may not be known to the root yet.
  depths: (env) => ofEach(env, (index) => index.depths()),
  parked: (env) => allPages((page) => durableDesk(env).parked(page)),
  pending: (env) => allPages((page) => durableDesk(env).pending(page)),
  die: (env, key: string) => env.KEYS.getByName(key).die().catch(isKilled),
  dieIndex: (env) => env.INDEX.getByName('test').die().catch(isKilled),
  redrive: (env, keys) => durableDesk(env).redrive(keys),
  drop: (env, keys) => durableDesk(env).drop(keys),
}

/** One step of time: what was due first has happened; false: nothing was due until then. */
async function step(env: Env, scene: string, until: number): Promise<boolean> {
  const due = moveOn(scene, until)
  if (due === undefined) return false
  const [kind, ...words] = due.object.split(' ')
  const name = words.join(' ')
  const happens =
    kind === 'index'
      ? env.INDEX.getByName(name).tick()
      : due.isAlarm
        ? env.KEYS.getByName(name).goOff()
        : env.KEYS.getByName(name).tick()
  await happens.catch(isKilled)
  return true
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, verb = '', scene = ''] = new URL(request.url).pathname.split('/')
    const args = (await request.json()) as never[]
    if (verb === 'now') return Response.json({ result: timeNow() })
    if (verb === 'step') return Response.json({ result: await step(env, scene, args[0] ?? 0) })
    const result = await verbs[verb]?.(scoped(env, scene), ...args)
    return Response.json({ result: result ?? null })
  },
}
