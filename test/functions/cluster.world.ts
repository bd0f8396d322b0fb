/**
 * A Cluster in a world that a test holds in its hands: the API server, what stands for StatefulSet controller and kubelet, and reads
 * that are answered with versions from the past, through the server's fault hook. Whatever the operator writes is compared with the
 * truth at that moment; what it should not have written is a mistake.
 */
import assert from 'node:assert/strict'
import { Cluster, cluster } from '../../functions/operators/cluster.ts'
import { ROLLOUT } from '../../functions/operators/cluster/step.ts'
import type { Fault, RequestInfo } from '../../lib/apiserver/index.ts'
import {
  type Clock,
  defineOperator,
  type Key,
  type Kube,
  type Outcome,
  Pod,
  reconcile,
  recorder,
  type Resource,
  type Served,
  StatefulSet,
  systemClock,
} from '../../lib/index.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { connect } from '../../lib/kube/rest.ts'
import { type Cluster as Servers, startCluster } from '../cluster.ts'
import { intercepted } from '../site.ts'
import {
  type Member,
  partitionOf,
  replicasOf,
  revisionOf,
  type StatefulSets,
  statefulSets,
} from '../statefulsets.ts'

type Set = Served<StatefulSet>

export const key = { namespace: 'default', name: 'db' }

export const clusterOf = (spec: object = {}) => ({
  apiVersion: 'apps.fairlead.dev/v1',
  kind: 'Cluster',
  metadata: key,
  spec: { image: 'db:1', ...spec },
})

/** The operator, without waiting for further changes before it looks. */
export const operator = defineOperator('test', [{ ...cluster, quietSeconds: 0 }])

/** Time passes twenty times as fast. */
export const hurried: Clock = {
  now: () => systemClock.now() * 20,
  after: (milliseconds, task) => systemClock.after(milliseconds / 20, task),
}

/** How many versions old the answer to a read shall be; 0 is the truth. `versions`: all there were, the newest last. */
export type Lie = (versions: readonly Version[], resource: string) => number

/** An object as it once was; undefined where there was none. */
export type Version = Set | Cluster | undefined

export interface World extends Servers {
  /** The operator's connection is `api`; this one is the test's, which is never lied to. */
  readonly own: Kube
  readonly sets: StatefulSets
  readonly mistakes: string[]
  /** Partitions as the operator wrote them, in order. */
  readonly partitions: number[]
  /** What the operator asked for since it was last emptied: `get statefulsets`. */
  readonly requests: string[]
  /** From now on reads of StatefulSets and Clusters by the operator are answered so; undefined: truly. */
  deceive(lie: Lie | undefined): void
  /** One reconcile, as a delivery that brings no version would have it. */
  reconcile(): Promise<Outcome>
  /** Reconciles, and lets the pods do what they are told, until neither changes anything. */
  settle(): Promise<void>
  want(spec: object): Promise<void>
  live(): Promise<Cluster>
  set(): Promise<Set>
}

/** Images whose name has `broken` in it never become ready. */
const works = (image: string): boolean => !image.includes('broken')

export async function startWorld(): Promise<World> {
  const servers = await startCluster(operator)
  const transport = httpsTransport({ server: servers.server.url })
  // The slash at the end of the path means nothing to the server, but by it the test's own requests are known.
  const own = connect({
    ...transport,
    send: (request) => transport.send({ ...request, path: request.path.replace(/(?=\?|$)/, '/') }),
  })
  const requests: string[] = []
  servers.server.onRequest((request) => {
    if (!isOwn(request)) requests.push(`${request.verb} ${request.resource}`)
  })
  const past = startRecord(own)
  const mistakes: string[] = []
  const partitions: number[] = []
  const sets = statefulSets(own, works)
  const api = watched(servers.api, own, { sets, mistakes, partitions })
  const ignore = () => {}
  const telling = { clock: systemClock, report: ignore }
  const using = { ...telling, api, random: Math.random, record: recorder(api, operator.name, telling) }
  const world: World = {
    ...servers,
    own,
    api,
    sets,
    mistakes,
    partitions,
    requests,
    deceive: (lie) =>
      servers.server.faults(lie && ((request) => (isOwn(request) ? undefined : past.answer(request, lie)))),
    async reconcile() {
      const request = { ...key, attempt: 0, isLastTry: false }
      const signal = new AbortController().signal
      return (await reconcile(cluster, request, using, signal)).outcome
    },
    async settle() {
      for (let turn = 0; turn < 100; turn++) {
        const before = (await own.get(Cluster, key))?.metadata.resourceVersion
        await world.reconcile()
        const isMoved = await sets.settle(key)
        if (!isMoved && (await own.get(Cluster, key))?.metadata.resourceVersion === before) return
      }
      assert.fail(`not settled: ${JSON.stringify((await world.live()).status)}`)
    },
    want: async (spec) => void (await own.patch(Cluster, key, { type: 'merge', body: { spec } })),
    live: () => there(own, Cluster, key),
    set: () => there(own, StatefulSet, key),
    async [Symbol.asyncDispose]() {
      await past.stop()
      transport.close()
      await servers[Symbol.asyncDispose]()
    },
  }
  return world
}

/** A world with a Cluster at rest, its generation being 1 like that of its StatefulSet. */
export async function startSettled(spec: object = {}): Promise<World> {
  const world = await startWorld()
  await world.own.create(Cluster, clusterOf(spec))
  await world.settle()
  world.partitions.length = 0
  return world
}

/** Reconciles and lets one pod do one thing, in turn, until the partition is there. */
export async function walkTo({ sets, ...world }: World, partition: number): Promise<void> {
  for (let turn = 0; partitionOf(await world.set()) !== partition; turn++) {
    assert.ok(turn < 100, `partition ${partition} is reached`)
    await world.reconcile()
    if (partitionOf(await world.set()) !== partition) await step(sets)
  }
}

const step = async ({ observe, act, start }: StatefulSets): Promise<boolean> =>
  (await observe(key)) || (await act(key)) || (await start(key))

/** The status of the condition `Ready`. */
export const readyOf = ({ status }: Cluster): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status

const isOwn = ({ path }: RequestInfo): boolean => path.endsWith('/')

async function there<T>(api: Kube, resource: Resource<T>, key: Key): Promise<T> {
  const object = await api.get(resource, key)
  assert.ok(object, `${resource.kind} ${key.name} is there`)
  return object
}

/** Every version there ever was, and answers from it. */
function startRecord(own: Kube) {
  const stop = new AbortController()
  const past = new Map<string, Version[]>()
  const follow = async (resource: Resource<Set | Cluster>) => {
    const versions: Version[] = [undefined]
    past.set(resource.plural, versions)
    const options = { namespace: key.namespace, initial: true, timeoutSeconds: 300, signal: stop.signal }
    for await (const { type, object } of own.watch(resource, options))
      if (type !== 'BOOKMARK') versions.push(type === 'DELETED' ? undefined : object)
  }
  const following = Promise.allSettled([StatefulSet, Cluster].map((resource) => follow(resource)))
  return {
    async stop() {
      stop.abort()
      await following
    },
    answer({ verb, resource, name }: RequestInfo, lie: Lie): Fault | undefined {
      const versions = past.get(resource)
      const age = versions && ['get', 'list'].includes(verb) ? lie(versions, resource) : 0
      if (age === 0) return undefined
      const old = versions?.at(-1 - age)
      const items = old === undefined ? [] : [old]
      // Whose own absence is believed is not looked at again (see `reconcile`): that one is not lied about.
      if (resource === Cluster.plural && old === undefined) return undefined
      if (verb === 'list') return { status: 200, body: { metadata: { resourceVersion: '1' }, items } }
      return old === undefined ? { status: 404, body: absence(name) } : { status: 200, body: old }
    },
  }
}

const absence = (name: string | undefined) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code: 404,
  reason: 'NotFound',
  message: `"${name}" not found`,
  details: { name },
})

/** The operator's connection, looked at just before each write. */
function watched(
  api: Kube,
  own: Kube,
  { sets, mistakes, partitions }: Pick<World, 'sets' | 'mistakes' | 'partitions'>,
): Kube {
  const truth = async () => ({
    before: await own.get(StatefulSet, key),
    parent: await there(own, Cluster, key),
    members: await sets.members(key),
  })
  return intercepted(api, {
    async patch(resource, _key, patch) {
      if (resource.kind !== StatefulSet.kind || patch.type !== 'apply') return
      const next = patch.object as Set
      partitions.push(partitionOf(next))
      mistakes.push(...mistakesIn(next, await truth()))
    },
    async delete(resource, { name }) {
      if (resource.kind !== Pod.kind) return
      const { before, members } = await truth()
      const pod = members.find(({ ordinal }) => name === `${key.name}-${ordinal}`)
      const { currentRevision, updateRevision } = before?.status ?? {}
      const isHeld = before !== undefined && pod !== undefined && pod.ordinal < partitionOf(before)
      if (pod?.isReady || pod?.revision === (isHeld ? currentRevision : updateRevision))
        mistakes.push(`deletes ${name}, which is as it should be`)
    },
  })
}

interface Truth {
  readonly before: Set | undefined
  readonly parent: Cluster
  readonly members: readonly Member[]
}

const textOf = ({ image, replicas }: { image: string | undefined; replicas: number }) =>
  `${replicas} x ${image}`
const imageOf = ({ spec }: Set) => spec?.template.spec?.containers[0]?.image
const rolloutOf = ({ spec }: Set) => spec?.template.metadata?.annotations?.[ROLLOUT]

/** What is wrong about writing `next`, given how things truly are. */
function mistakesIn(next: Set, { before, parent, members }: Truth): string[] {
  const [image, replicas, partition] = [imageOf(next), replicasOf(next), partitionOf(next)]
  const mistakes: string[] = []
  if (image !== parent.spec.image || replicas !== parent.spec.replicas)
    mistakes.push(`writes ${textOf({ image, replicas })}, wanted is ${textOf(parent.spec)}`)
  const isSame = before !== undefined && image === imageOf(before) && rolloutOf(next) === rolloutOf(before)
  const isCreating = parent.status?.phase === 'Creating' || members.length === 0
  if (!isSame && partition < replicas && !isCreating) mistakes.push('lets pods of a new template go at once')
  if (!isSame) return mistakes
  const letGo = Math.min(partitionOf(before), replicas) - partition
  if (letGo > 1) mistakes.push(`lets ${letGo} pods go at once`)
  if (letGo === 1) mistakes.push(...prematureIn(before, replicas, members))
  return mistakes
}

/** Why the next pod may not be let go yet. */
function prematureIn(before: Set, replicas: number, members: readonly Member[]): string[] {
  const [partition, revision] = [partitionOf(before), revisionOf(before)]
  const broken = members.filter(({ isReady }) => !isReady)
  const old = members.filter((one) => one.ordinal >= partition && one.revision !== revision)
  const said = (why: string) => `lets a pod go at partition ${partition}, but ${why}`
  return [
    ...(before.status?.observedGeneration === before.metadata.generation
      ? []
      : [said('that was not observed')]),
    ...(replicasOf(before) === replicas && members.length === replicas ? [] : [said('it is being scaled')]),
    ...broken.map(({ ordinal }) => said(`pod ${ordinal} is not ready`)),
    ...old.map(({ ordinal }) => said(`pod ${ordinal} is not updated`)),
  ]
}
