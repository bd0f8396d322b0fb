/** Reads, writes, conflicts, finalizers: the C and E cases, against the embedded API server. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ApiError,
  type Clock,
  ConfigMap,
  type Controller,
  defineController,
  type Happening,
  type Kube,
  type Message,
  systemClock,
  TerminalError,
} from '../lib/index.ts'
import { reconcile } from '../lib/reconcile.ts'
import type { Occurrence } from '../lib/record.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { fakeClock } from './fake-clock.ts'
import { intercepted, pageFor, Site, site, siteKey, siteOperator, sites } from './site.ts'

interface Setting {
  readonly controller: Controller<Site>
  readonly api?: Kube
  readonly clock?: Clock
  readonly request?: Partial<Message> & { isLastTry?: boolean }
}

/** One reconcile of the site "docs". */
async function once(
  cluster: Cluster,
  { controller, api = cluster.api, clock = systemClock, request = {} }: Setting,
) {
  const occurrences: Occurrence[] = []
  const happenings: Happening[] = []
  const using = {
    api,
    record: async (more: readonly Occurrence[]) => void occurrences.push(...more),
    report: (happening: Happening) => void happenings.push(happening),
    clock,
    random: () => 0,
  }
  const whole = { ...siteKey, attempt: 0, isLastTry: false, ...request }
  const { outcome, calls } = await reconcile(controller, whole, using, new AbortController().signal)
  return { outcome, calls, occurrences, happenings }
}

/** A connection on which somebody changes the site just before its status is first written. */
function disturbed(cluster: Cluster, body: object = { metadata: { labels: { touched: 'yes' } } }): Kube {
  let isDone = false
  return intercepted(cluster.api, {
    async patch(_resource, _key, _patch, options) {
      if (options?.subresource !== 'status' || isDone) return
      isDone = true
      await cluster.api.patch(Site, siteKey, { type: 'merge', body })
    },
  })
}

const condition = (object: Site | undefined, type: string) =>
  object?.status?.conditions?.find((one) => one.type === type)

describe('reads and conflicts', () => {
  it('claims no status for what it has not read, when a later pass is shown an older object than the one it wrote (R9)', async () => {
    await using cluster = await startCluster(siteOperator())
    const old = await cluster.api.create(Site, site({ note: 'old' }))
    let reads = 0
    const get = async (...args: Parameters<Kube['get']>) => {
      // The second pass is answered by a cache that has seen nothing yet.
      if (args[0].kind === 'Site' && ++reads === 2) return old
      return cluster.api.get(...args)
    }
    const seen: (string | undefined)[] = []
    const controller = sites({
      async reconcile({ spec }, { api, status }) {
        seen.push(spec.note)
        if (seen.length === 1) {
          await api.patch(Site, siteKey, { type: 'merge', body: { spec: { note: 'new' } } })
          throw new ApiError(409, 'Conflict', 'somebody was faster')
        }
        status({ phase: spec.note })
      },
    })
    await once(cluster, { controller, api: { ...cluster.api, get: get as Kube['get'] } })
    assert.deepEqual(seen, ['old', 'old', 'new'])
    assert.equal((await cluster.api.get(Site, siteKey))?.status?.phase, 'new')
  })

  it('re-reads and evaluates the author again on the fresh object after a conflict (C1)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({ pages: ['a'] }))
    const seen: string[][] = []
    let disturbed = false
    const api = intercepted(cluster.api, {
      async patch(_resource, _key, patch, options) {
        if (options?.subresource !== 'status' || disturbed || patch.type !== 'merge') return
        disturbed = true
        await cluster.api.patch(Site, siteKey, { type: 'merge', body: { spec: { pages: ['a', 'b'] } } })
      },
    })
    const controller = sites({
      reconcile(object, { status }) {
        seen.push([...object.spec.pages])
        status({ pages: object.spec.pages.length })
      },
    })
    const { outcome } = await once(cluster, { controller, api })
    assert.deepEqual(outcome, { type: 'done', afterSeconds: undefined })
    assert.deepEqual(seen, [['a'], ['a', 'b']])
    const live = await cluster.api.get(Site, siteKey)
    assert.deepEqual([live?.status?.pages, live?.status?.observedGeneration], [2, 2])
  })

  it('gives conflicts back to the queue after five tries, and tells nobody about the passes that did not happen (C2)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    let count = 0
    const api = intercepted(cluster.api, {
      async patch(_resource, _key, _patch, options) {
        if (options?.subresource !== 'status') return
        await cluster.api.patch(Site, siteKey, {
          type: 'merge',
          body: { metadata: { labels: { n: `${++count}` } } },
        })
      },
    })
    const controller = sites({ reconcile: (_object, { event }) => event.normal('Tried', 'x') })
    const { outcome, occurrences } = await once(cluster, { controller, api })
    assert.equal(outcome.type, 'failed')
    assert.equal(
      outcome.type === 'failed' && outcome.error instanceof ApiError && outcome.error.reason,
      'Conflict',
    )
    assert.equal(count, 5)
    assert.deepEqual(occurrences, [])
  })

  it('treats an object that disappears between read and write as done (C3)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const controller = sites({ reconcile: async () => void (await cluster.api.delete(Site, siteKey)) })
    const { outcome, occurrences } = await once(cluster, { controller })
    assert.notEqual(outcome.type, 'failed')
    assert.deepEqual(occurrences, [])
  })

  it('treats an object that disappears before its finalizer is there as done (C3)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const api = intercepted(cluster.api, {
      patch: async () => void (await cluster.api.delete(Site, siteKey)),
    })
    const controller = sites({ finalize: () => {}, reconcile: () => assert.fail('called') })
    assert.deepEqual((await once(cluster, { controller, api })).outcome, { type: 'gone' })
  })

  it('tells of what was done to children by a pass that then lost a race (C1, R15)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({ pages: ['a'] }))
    const { outcome, occurrences } = await once(cluster, { controller: sites(), api: disturbed(cluster) })
    assert.equal(outcome.type, 'done')
    assert.deepEqual(
      occurrences.map(({ reason, note }) => [reason, note]),
      [['Applied', 'created ConfigMap a']],
    )
  })

  it('prunes what a first pass made that lost a race (C1, D5)', async () => {
    await using cluster = await startCluster(siteOperator())
    const created = await cluster.api.create(Site, site())
    const controller = sites({
      async reconcile({ metadata }, { apply }) {
        await apply([pageFor(metadata.labels?.moved ? 'new' : 'old')])
      },
    })
    const { resourceVersion } = created.metadata
    const api = disturbed(cluster, { metadata: { labels: { moved: 'yes' } } })
    await once(cluster, { controller, api, request: { resourceVersion, lane: 'change' } })
    const { items } = await cluster.api.list(ConfigMap, { namespace: 'default' })
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt'),
      ['new'],
    )
  })

  it('marks an object as stalled whose last try ended in conflicts (C2, B7)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const controller = sites({
      reconcile() {
        throw new ApiError(409, 'Conflict', 'somebody else was first')
      },
    })
    const { outcome, occurrences } = await once(cluster, { controller, request: { isLastTry: true } })
    assert.equal(outcome.type, 'failed')
    assert.equal(occurrences.at(-1)?.reason, 'Stalled')
    assert.equal(
      condition(await cluster.api.get(Site, siteKey), 'Stalled')?.message,
      'somebody else was first',
    )
  })

  it('does not take fields that others own for a lost race: trying again at once cannot help', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...siteKey, name: 'shared' },
      data: { k: '1' },
    }
    await cluster.api.create(ConfigMap, map)
    let runs = 0
    const controller = sites({
      async reconcile(_object, { api }) {
        runs++
        const object = { ...map, data: { k: '2' } }
        await api.patch(
          ConfigMap,
          map.metadata,
          { type: 'apply', object, force: false },
          { fieldManager: 'me' },
        )
      },
    })
    const { outcome, occurrences } = await once(cluster, { controller })
    assert.deepEqual([outcome.type, runs, occurrences[0]?.reason], ['failed', 1, 'ReconcileFailed'])
  })

  it('writes nothing to an object that was replaced under the same name (C4)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({ note: 'old' }))
    const notes: (string | undefined)[] = []
    const controller = sites({
      async reconcile(object, { status }) {
        notes.push(object.spec.note)
        status({ phase: `for ${object.spec.note}` })
        if (object.spec.note !== 'old') return
        await cluster.api.delete(Site, siteKey)
        await cluster.api.create(Site, site({ note: 'new' }))
      },
    })
    await once(cluster, { controller })
    assert.deepEqual(notes, ['old', 'new'])
    assert.equal((await cluster.api.get(Site, siteKey))?.status?.phase, 'for new')
  })

  it('sees its own writes, and a write to the object itself is no conflict (R9)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const controller = sites({
      async reconcile(_object, { api, status }) {
        const body = { metadata: { annotations: { seen: 'yes' } } }
        const written = await api.patch(Site, siteKey, { type: 'merge', body })
        const read = await api.get(Site, siteKey, { notOlderThan: '0' })
        assert.equal(read?.metadata.resourceVersion, written.metadata.resourceVersion)
        status({ phase: 'ok' })
      },
    })
    const { outcome, calls } = await once(cluster, { controller })
    assert.equal(outcome.type, 'done')
    assert.equal(calls, 4)
  })

  it('reads "not older than" the change that woke it, and the newest where no such version was ever reached', async () => {
    await using cluster = await startCluster(siteOperator())
    const created = await cluster.api.create(Site, site())
    const bounds: (string | undefined)[] = []
    const spy = (refuse: boolean) =>
      intercepted(cluster.api, {
        get(_resource, _key, options) {
          bounds.push(options?.notOlderThan)
          if (refuse && options?.notOlderThan !== undefined)
            throw new ApiError(504, 'Timeout', 'Too large resource version')
        },
      })
    const resourceVersion = created.metadata.resourceVersion
    const controller = sites({ reconcile: () => {} })
    await once(cluster, { controller, api: spy(false), request: { resourceVersion } })
    const { outcome } = await once(cluster, {
      controller,
      api: spy(true),
      request: { resourceVersion: '99999999' },
    })
    assert.equal(outcome.type, 'done')
    assert.deepEqual(bounds, [resourceVersion, '99999999', undefined])
  })
})

describe('status', () => {
  it('does not bump the generation and is not written again when unchanged (C6, C7, R11)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({ pages: ['a'] }))
    await once(cluster, { controller: sites() })
    const first = await cluster.api.get(Site, siteKey)
    assert.deepEqual(
      [first?.metadata.generation, first?.status?.observedGeneration, first?.status?.pages],
      [1, 1, 1],
    )
    const { calls } = await once(cluster, { controller: sites() })
    assert.equal(
      (await cluster.api.get(Site, siteKey))?.metadata.resourceVersion,
      first?.metadata.resourceVersion,
    )
    assert.equal(calls, 2, 'one GET for the object and one for its child')
  })

  it('tells a failure by condition and Event, and takes the condition back on success (B5)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const controller = sites({
      reconcile() {
        throw new Error('no quota')
      },
    })
    const { outcome, occurrences } = await once(cluster, { controller })
    assert.equal(outcome.type, 'failed')
    assert.deepEqual(
      occurrences.map(({ type, reason, note }) => [type, reason, note]),
      [['Warning', 'ReconcileFailed', 'no quota']],
    )
    const failed = condition(await cluster.api.get(Site, siteKey), 'Reconciled')
    assert.deepEqual(
      [failed?.status, failed?.reason, failed?.message],
      ['False', 'ReconcileFailed', 'no quota'],
    )
    await once(cluster, { controller: sites({ reconcile: () => {} }), request: { attempt: 1 } })
    assert.equal(condition(await cluster.api.get(Site, siteKey), 'Reconciled')?.status, 'True')
  })

  it('marks the object as stalled on a TerminalError, and on the last try', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const terminal = sites({
      reconcile() {
        throw new TerminalError('unknown plan')
      },
    })
    assert.equal((await once(cluster, { controller: terminal })).outcome.type, 'terminal')
    assert.equal(condition(await cluster.api.get(Site, siteKey), 'Stalled')?.message, 'unknown plan')
    await once(cluster, { controller: sites({ reconcile: () => {} }) })
    assert.equal(condition(await cluster.api.get(Site, siteKey), 'Stalled'), undefined)
    const failing = sites({
      reconcile() {
        throw new Error('still no')
      },
    })
    const { occurrences } = await once(cluster, {
      controller: failing,
      request: { attempt: 19, isLastTry: true },
    })
    assert.equal(occurrences[0]?.reason, 'Stalled')
    assert.equal(condition(await cluster.api.get(Site, siteKey), 'Stalled')?.status, 'True')
  })

  it('keeps what the author set before failing, and tells of a status that the server refuses', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const failing = sites({
      reconcile(_object, { status }) {
        status({ phase: 'half' })
        throw new Error('no')
      },
    })
    await once(cluster, { controller: failing })
    assert.equal((await cluster.api.get(Site, siteKey))?.status?.phase, 'half')
    const wrong = sites({ reconcile: (_object, { status }) => status({ pages: 1.5 }) })
    const { outcome } = await once(cluster, { controller: wrong, request: { attempt: 1 } })
    assert.equal(outcome.type === 'failed' && outcome.error instanceof ApiError && outcome.error.code, 422)
    assert.match(
      condition(await cluster.api.get(Site, siteKey), 'Reconciled')?.message ?? '',
      /status\.pages/,
    )
  })

  it('leaves the status of a built-in kind to its owner (R19, C11)', async () => {
    await using cluster = await startCluster()
    await cluster.api.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: siteKey })
    const seen: string[] = []
    const controller = defineController(ConfigMap, {
      name: 'maps',
      reconcile: (map) => void seen.push(map.metadata.name),
    })
    const using_ = {
      api: cluster.api,
      record: async () => {},
      report: () => {},
      clock: fakeClock(),
      random: () => 0,
    }
    const request = { ...siteKey, attempt: 0, isLastTry: false }
    const { outcome, calls } = await reconcile(controller, request, using_, new AbortController().signal)
    assert.deepEqual([outcome.type, calls, seen], ['done', 1, ['docs']])
  })
})

describe('troubles', () => {
  it('does not call an API server that is away a failure of the object', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    for (const code of [0, 401, 429, 502, 503, 504]) {
      const api = intercepted(cluster.api, {
        get() {
          throw new ApiError(code, 'Away', 'away')
        },
      })
      const { outcome, occurrences } = await once(cluster, { controller: sites(), api })
      assert.equal(outcome.type, 'unavailable')
      assert.deepEqual(occurrences, [])
    }
  })

  it('leaves behind a run that does not end, refuses its later calls, and tells of it (B15)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const [started, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const refused = Promise.withResolvers<unknown>()
    const controller = sites({
      deadlineSeconds: 1,
      async reconcile(_object, { api }) {
        started.resolve()
        await late.promise
        refused.resolve(await api.get(Site, siteKey).catch((error) => error))
      },
    })
    const clock = fakeClock()
    const running = once(cluster, { controller, clock })
    await started.promise
    await clock.advance(1000)
    const { outcome, occurrences } = await running
    assert.equal(
      outcome.type === 'failed' && (outcome.error as Error).message,
      'did not end within its deadline of 1 s',
    )
    assert.equal(occurrences[0]?.reason, 'DeadlineExceeded')
    late.resolve()
    assert.match(String(await refused.promise), /DeadlineError/)
  })

  it('comes back uncounted, without a call, when the process has stopped before (B16)', async () => {
    await using cluster = await startCluster(siteOperator())
    const calls: string[] = []
    const api = intercepted(cluster.api, { get: () => void calls.push('get') })
    const using_ = { api, record: async () => {}, report: () => {}, clock: fakeClock(), random: () => 0 }
    const request = { ...siteKey, attempt: 0, isLastTry: false }
    const stopped = AbortSignal.abort(new Error('stopping'))
    const { outcome } = await reconcile(sites(), request, using_, stopped)
    assert.deepEqual([outcome, calls], [{ type: 'interrupted' }, []])
  })

  it('does not let Events that cannot be written hold up or fail a reconcile (F3)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const clock = fakeClock()
    const asked = Promise.withResolvers<void>()
    const record = (_occurrences: readonly Occurrence[], signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        asked.resolve()
        signal?.addEventListener('abort', () => resolve())
      })
    const using_ = { api: cluster.api, record, report: () => {}, clock, random: () => 0 }
    const request = { ...siteKey, attempt: 0, isLastTry: false }
    const controller = sites({ reconcile: (_object, { event }) => event.normal('Tried', 'x') })
    const running = reconcile(controller, request, using_, new AbortController().signal)
    await asked.promise
    await clock.advance(2000)
    assert.equal((await running).outcome.type, 'done')
    assert.equal(clock.pending(), 0)
  })

  it('comes back uncounted when the process stops (B16)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const stop = new AbortController()
    const controller = sites({
      reconcile() {
        stop.abort(new Error('stopping'))
        return new Promise(() => {})
      },
    })
    const using_ = {
      api: cluster.api,
      record: async () => {},
      report: () => {},
      clock: fakeClock(),
      random: () => 0,
    }
    const { outcome } = await reconcile(
      controller,
      { ...siteKey, attempt: 0, isLastTry: false },
      using_,
      stop.signal,
    )
    assert.deepEqual(outcome, { type: 'interrupted' })
  })

  it('skips an object that does not match the selector', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({}, { labels: { tier: 'b' } }))
    const controller = sites({ labels: 'tier=a', reconcile: () => assert.fail('called') })
    assert.equal((await once(cluster, { controller })).outcome.type, 'gone')
  })
})

describe('finalizers (R12)', () => {
  const finalizer = 'test.fairlead.dev/site'
  const deleteIt = (cluster: Cluster) => cluster.api.delete(Site, siteKey)

  it('persists the finalizer before the author runs, and goes on in the same run (E1)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    let held: readonly string[] | undefined
    const controller = sites({
      finalize: () => {},
      async reconcile() {
        held = (await cluster.api.get(Site, siteKey))?.metadata.finalizers
      },
    })
    const { outcome } = await once(cluster, { controller })
    assert.equal(outcome.type, 'done')
    assert.deepEqual(held, [finalizer])
  })

  it('adds none to an object that is being deleted, and does not touch it (E2, E5, E12)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({}, { finalizers: ['other.example.com/x'] }))
    await deleteIt(cluster)
    const controller = sites({
      finalize: () => assert.fail('finalize'),
      reconcile: () => assert.fail('reconcile'),
    })
    assert.equal((await once(cluster, { controller })).outcome.type, 'gone')
    assert.deepEqual((await cluster.api.get(Site, siteKey))?.metadata.finalizers, ['other.example.com/x'])
  })

  it('removes it only after cleanup has succeeded; a thrown error keeps it (E3)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({}, { finalizers: [finalizer] }))
    await deleteIt(cluster)
    const failing = sites({
      finalize() {
        throw new Error('bucket not empty')
      },
    })
    const { outcome, occurrences } = await once(cluster, { controller: failing })
    assert.equal(outcome.type, 'failed')
    assert.equal(occurrences[0]?.reason, 'FinalizeFailed')
    assert.deepEqual((await cluster.api.get(Site, siteKey))?.metadata.finalizers, [finalizer])
    const waiting = sites({ finalize: () => ({ afterSeconds: 5 }) })
    assert.deepEqual((await once(cluster, { controller: waiting })).outcome, {
      type: 'done',
      afterSeconds: 5,
    })
    assert.equal(condition(await cluster.api.get(Site, siteKey), 'Reconciled')?.reason, 'Finalizing')
    assert.equal((await once(cluster, { controller: sites({ finalize: () => {} }) })).outcome.type, 'gone')
    assert.equal(await cluster.api.get(Site, siteKey), undefined)
  })

  it('survives others adding and removing theirs at the same moment (E4)', async () => {
    await using cluster = await startCluster(siteOperator())
    const others = Array.from({ length: 10 }, (_, index) => `other.example.com/f${index}`)
    await cluster.api.create(Site, site({}, { finalizers: [finalizer, ...others] }))
    await deleteIt(cluster)
    const removals = [finalizer, ...others.slice(0, 9)].map(async (name) => {
      const group = name.split('/')[1]
      const controller = sites({ finalizer: name, name: group ?? '', finalize: () => {} })
      for (let tries = 0; tries < 20; tries++)
        if ((await once(cluster, { controller })).outcome.type === 'gone') return
      assert.fail(`${name} was not removed`)
    })
    await Promise.all(removals)
    assert.deepEqual((await cluster.api.get(Site, siteKey))?.metadata.finalizers, ['other.example.com/f9'])
  })

  it('cleans up when the deletion arrives during the status write (E6, E7)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    let finalized = 0
    const api = intercepted(cluster.api, {
      async patch(_resource, _key, _patch, options) {
        if (options?.subresource === 'status' && finalized === 0) await deleteIt(cluster)
      },
    })
    const { outcome } = await once(cluster, { controller: sites({ finalize: () => void finalized++ }), api })
    assert.equal(outcome.type, 'gone')
    assert.equal(finalized, 1)
    assert.equal(await cluster.api.get(Site, siteKey), undefined)
  })

  it('puts no finalizer where there is no cleanup, and takes an old one away (E8, E9)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    await once(cluster, { controller: sites() })
    assert.equal((await cluster.api.get(Site, siteKey))?.metadata.finalizers, undefined)
    await once(cluster, { controller: sites({ finalize: () => {} }) })
    assert.deepEqual((await cluster.api.get(Site, siteKey))?.metadata.finalizers, [finalizer])
    await once(cluster, { controller: sites() })
    assert.equal((await cluster.api.get(Site, siteKey))?.metadata.finalizers, undefined)
  })

  it('lets an object go that was deleted after the cleanup function was taken out of the program (E9)', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site({}, { finalizers: [finalizer] }))
    await deleteIt(cluster)
    assert.equal(
      (await once(cluster, { controller: sites({ reconcile: () => assert.fail('called') }) })).outcome.type,
      'gone',
    )
    assert.equal(await cluster.api.get(Site, siteKey), undefined)
  })
})

describe('apply in a reconcile', () => {
  it('refuses to be called twice, because the set of children is one', async () => {
    await using cluster = await startCluster(siteOperator())
    await cluster.api.create(Site, site())
    const controller = sites({
      async reconcile(_object, { apply }) {
        await apply([pageFor('a')])
        await apply([pageFor('b')])
      },
    })
    const { outcome } = await once(cluster, { controller })
    assert.equal(
      outcome.type === 'failed' && (outcome.error as Error).message,
      'Controller "site": apply must be called once, with all the children',
    )
  })
})
