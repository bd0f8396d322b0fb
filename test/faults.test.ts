/** The whole path while the API server misbehaves: whatever fails in between, the end is the same. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMap, installCrds, type Kube, systemClock } from '../lib/index.ts'
import type { Fault } from '../lib/apiserver/index.ts'
import { type Path, startCluster, startPath } from './cluster.ts'
import { pick, randomFrom } from './random.ts'
import { pageFor, Site, site, siteOperator } from './site.ts'

const NAMES = Array.from({ length: 12 }, (_, index) => `site-${index}`)

const FAULTS: readonly Fault[] = [
  {
    status: 500,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 500,
      reason: 'InternalError',
      message: 'injected',
    },
  },
  {
    status: 503,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 503,
      reason: 'ServiceUnavailable',
      message: 'injected',
    },
  },
  { drop: true },
]

/** One random step by people: make, change, relabel, delete objects; edit and delete their children. */
async function disturb(api: Kube, random: () => number): Promise<void> {
  const key = { namespace: 'default', name: pick(NAMES, random) }
  const pages = ['a', 'b', 'c'].filter(() => random() < 0.6).map((page) => `${key.name}-${page}`)
  const child = { namespace: 'default', name: `${key.name}-${pick(['a', 'b', 'c'], random)}` }
  const steps = [
    () => api.create(Site, site({ pages }, key)),
    () => api.patch(Site, key, { type: 'merge', body: { spec: { pages } } }),
    () => api.delete(Site, key),
    () => api.delete(ConfigMap, child),
    () =>
      api.patch(
        ConfigMap,
        child,
        { type: 'merge', body: { data: { page: 'edited' } } },
        { fieldManager: 'someone' },
      ),
  ]
  await pick(steps, random)().catch(() => undefined) // absent, existing, or refused by a fault: all part of the weather
}

/** Every object's children are exactly its pages, as written by us, and its status speaks of its newest generation. */
async function isConverged(api: Kube): Promise<boolean> {
  const objects = (await api.list(Site, { namespace: 'default' })).items
  const children = (await api.list(ConfigMap, { namespace: 'default' })).items
  const wanted = objects.flatMap(({ spec }) => spec.pages).sort()
  const isCurrent = objects.every(
    ({ metadata, status }) => status?.observedGeneration === metadata.generation,
  )
  return (
    isCurrent &&
    JSON.stringify(children.map(({ metadata }) => metadata.name).sort()) === JSON.stringify(wanted) &&
    children.every(({ metadata, data }) => data?.page === pageFor(metadata.name).data?.page)
  )
}

/** Looks again after each change of an object or a child, whoever made it (the garbage collector reports nothing). */
async function converge({ api, queue, happenings }: Path): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(LIMIT_MS)])
  const watching = { namespace: 'default', initial: true, timeoutSeconds: 300, signal }
  const look = async (kind: typeof Site | typeof ConfigMap) => {
    for await (const _ of api.watch<unknown>(kind, watching)) if (await isConverged(api)) return
  }
  try {
    const looking = [look(Site), look(ConfigMap)]
    await Promise.race(looking)
    stop.abort(new Error('converged'))
    await Promise.allSettled(looking)
  } catch (error) {
    const last = happenings.slice(-20).map((happening) => JSON.stringify(happening))
    assert.fail(`${error}; queue ${JSON.stringify(queue.depth())}; last\n${last.join('\n')}`)
  }
}

/** Well below the runner's own limit, which would leave the process standing. */
const LIMIT_MS = 30_000

describe('under faults', () => {
  for (const seed of [1, 2, 3])
    it(`converges after failing, cut and expired requests and closed watches, seed ${seed} (R1, R3, C1, A2, A4)`, async () => {
      const random = randomFrom(seed)
      const running = new Set<string>()
      const overlaps: string[] = []
      const operator = siteOperator({
        async reconcile({ metadata: { name }, spec }, { apply, status }) {
          if (running.has(name)) overlaps.push(name)
          running.add(name)
          try {
            await apply(spec.pages.map((page) => pageFor(page)))
            status({ pages: spec.pages.length })
          } finally {
            running.delete(name)
          }
        },
      })
      await using path = await startPath(operator)
      path.server.faults(({ verb }) =>
        verb !== 'watch' && random() < 0.15 ? pick(FAULTS, random) : undefined,
      )
      for (let step = 0; step < 150; step++) {
        await disturb(path.api, random)
        if (random() < 0.05) path.server.closeWatches()
        if (random() < 0.03) path.server.expireHistory()
      }
      path.server.faults(undefined)
      await converge(path)
      assert.deepEqual(overlaps, [], 'no object is reconciled twice at once (B2)')
      assert.deepEqual(path.queue.parked(), [])
    })

  it('reports a missing CRD once, retries, and works when it appears (A11)', async () => {
    const operator = siteOperator()
    const cluster = await startCluster()
    await using path = await startPath(operator, { cluster })
    await path.seen(
      (happening) => happening.type === 'watch' && happening.kind === 'Site' && happening.state === 'missing',
    )
    await installCrds(path.api, operator, { clock: systemClock })
    await path.api.create(Site, site({ pages: ['a'] }))
    await path.seen((happening) => happening.type === 'applied' && happening.action === 'status')
    const told = path.happenings.filter(
      (happening) => happening.type === 'watch' && happening.state === 'missing',
    )
    assert.equal(told.length, 1)
  })
})
