/**
 * R7: of several candidates one acts. On a fake clock, against the embedded API server, and where time must be exact against
 * a lease in memory. `test/lead.model.test.ts` has the property over random troubles.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CoordinationV1Api, KubeConfig } from '@kubernetes/client-node'
import { type Kube, Lease, lead } from '../lib/index.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { fakeClock } from './fake-clock.ts'
import {
  type Fate,
  failing,
  LOST,
  leaseServer,
  type ProcessOptions,
  PROMPT,
  startProcess,
} from './lead.server.ts'
import { randomFrom } from './random.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const KEY = { namespace: 'default', name: 'web' }

type Options = Partial<ProcessOptions>

/** Candidates for a lease in memory. Every call of a candidate has the fate that is in force for it. */
function election() {
  const clock = fakeClock(NOW)
  const server = leaseServer(clock)
  return {
    clock,
    server,
    spec: () => server.lease()?.spec ?? {},
    pass: (seconds: number) => clock.advance(seconds * 1000),
    start(identity: string, options: Options = {}) {
      let fate = PROMPT
      const connect = (deliver: (answer: () => void) => void) => server.connect(() => fate, deliver)
      const process = startProcess({ identity, clock, connect, ...options })
      const fares = (next: Fate) => {
        fate = next
      }
      return Object.assign(process, { fares })
    },
  }
}

/** Candidates for a lease in the embedded API server. Time stands still while calls are under way. */
async function realElection() {
  const cluster = await startCluster()
  const clock = fakeClock(NOW)
  const open = new Set<Promise<unknown>>()
  const track = <T>(call: Promise<T>): Promise<T> => {
    open.add(call)
    call.catch(() => {}).finally(() => open.delete(call))
    return call
  }
  const api: Kube = {
    ...cluster.api,
    get: (...args) => track(cluster.api.get(...args)),
    create: (...args) => track(cluster.api.create(...args)),
    update: (...args) => track(cluster.api.update(...args)),
  }
  const quiet = async () => {
    await clock.advance(0)
    for (; open.size > 0; await clock.advance(0)) await Promise.allSettled(open)
  }
  return {
    clock,
    cluster,
    spec: async () => (await cluster.api.get(Lease, KEY))?.spec,
    async pass(seconds: number) {
      await quiet()
      for (let left = seconds * 1000; left > 0; left -= 100) {
        await clock.advance(Math.min(left, 100))
        await quiet()
      }
    },
    start: (identity: string, options: Options = {}) =>
      startProcess({ identity, clock, connect: () => api, ...options }),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

/** The client of others, on the same server. */
function coordinationOf({ server }: Cluster): CoordinationV1Api {
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'c', server: server.url, skipTLSVerify: true }, { name: 'u' })
  return config.makeApiClient(CoordinationV1Api)
}

describe('lead, against an API server (R7)', () => {
  it('takes an absent lease at once, and an independent client reads it', async () => {
    await using real = await realElection()
    const a = real.start('a')
    await real.pass(0)
    assert.equal(a.runs.size, 1)
    await real.pass(6.5)
    const { spec } = await coordinationOf(real.cluster).readNamespacedLease(KEY)
    assert.deepEqual([spec?.holderIdentity, spec?.leaseDurationSeconds, spec?.leaseTransitions], ['a', 15, 0])
    assert.deepEqual(
      [spec?.acquireTime, spec?.renewTime].map((time) => Date.parse(String(time)) - NOW),
      [0, 6000],
    )
    assert.match(String((await real.spec())?.renewTime), /^2026-01-01T00:00:06\.000000Z$/)
    a.stop()
    await real.pass(0)
    await a.done
  })

  it('lets a second candidate wait and take over when the first has died', async (t) => {
    await using real = await realElection()
    let began = 0
    const a = real.start('a')
    await real.pass(1)
    const b = real.start('b', { random: () => 0.5, onRun: () => (began = real.clock.now()) })
    await real.pass(20)
    assert.deepEqual(b.said(), ['waiting held by a'])
    a.freeze()
    const died = real.clock.now()
    await real.pass(24)
    const seconds = (began - died) / 1000
    t.diagnostic(`took over ${seconds} s after the crash`)
    assert.ok(seconds >= 13 && seconds <= 19.4, `${seconds} s`)
    assert.deepEqual(b.said(), ['waiting held by a', 'held by b'])
    const spec = await real.spec()
    assert.deepEqual([spec?.holderIdentity, spec?.leaseTransitions], ['b', 1])
    assert.equal(Date.parse(String(spec?.acquireTime)), began)
    b.stop()
    await real.pass(0)
    await b.done
  })

  it('releases the lease when it is stopped, and the next look of another takes it', async (t) => {
    await using real = await realElection()
    let began = 0
    const a = real.start('a')
    await real.pass(1)
    const b = real.start('b', { random: () => 0.99, onRun: () => (began = real.clock.now()) })
    await real.pass(10)
    a.stop()
    const stopped = real.clock.now()
    await real.pass(0)
    await a.done
    assert.deepEqual(a.said(), ['held by a', 'released'])
    const { holderIdentity, leaseDurationSeconds } = (await real.spec()) ?? {}
    assert.deepEqual([holderIdentity, leaseDurationSeconds], ['', 1])
    await real.pass(4.4)
    t.diagnostic(`took over ${(began - stopped) / 1000} s after the release`)
    assert.equal(b.runs.size, 1)
    b.stop()
    await real.pass(0)
  })

  it('takes a lease that another tool made without saying anything, and keeps what is not its own', async () => {
    await using real = await realElection()
    const metadata = { ...KEY, labels: { team: 'web' } }
    await real.cluster.api.create(Lease, { metadata, spec: {} })
    const a = real.start('a')
    await real.pass(0)
    assert.equal(a.runs.size, 1)
    const lease = await real.cluster.api.get(Lease, KEY)
    assert.deepEqual(lease?.metadata.labels, { team: 'web' })
    assert.deepEqual([lease?.spec?.holderIdentity, lease?.spec?.leaseTransitions], ['a', 1])
    a.stop()
    await real.pass(0)
  })

  it('goes on when somebody labels or deletes its lease', async () => {
    await using real = await realElection()
    const a = real.start('a')
    await real.pass(1)
    const [signal] = a.runs
    await real.cluster.api.patch(Lease, KEY, { type: 'merge', body: { metadata: { labels: { x: 'y' } } } })
    await real.pass(3)
    const labelled = await real.cluster.api.get(Lease, KEY)
    assert.deepEqual(labelled?.metadata.labels, { x: 'y' })
    assert.equal(Date.parse(String(labelled?.spec?.renewTime)), NOW + 4_000)
    await real.cluster.api.delete(Lease, KEY)
    await real.pass(3)
    assert.equal((await real.spec())?.holderIdentity, 'a')
    assert.deepEqual([signal?.aborted, a.said()], [false, ['held by a']])
    a.stop()
    await real.pass(0)
  })

  it('ends when somebody writes another holder, and waits for that one as for any', async () => {
    await using real = await realElection()
    const a = real.start('a')
    await real.pass(1)
    const [signal] = a.runs
    await real.cluster.api.patch(Lease, KEY, { type: 'merge', body: { spec: { holderIdentity: 'kubectl' } } })
    await real.pass(2)
    assert.equal(signal?.reason.message, 'the lease is held by kubectl')
    await real.pass(13.9) // seen at 2 s
    assert.equal(a.runs.size, 0)
    await real.pass(2)
    assert.equal(a.runs.size, 1)
    assert.deepEqual(a.said(), [
      'held by a',
      'lost the lease is held by kubectl',
      'waiting held by kubectl',
      'held by a',
    ])
    a.stop()
    await real.pass(0)
  })
})

describe('lead, to the second (R7)', () => {
  it('takes over 13 to 19.4 s after a crash, and within one look after a release', async (t) => {
    const random = randomFrom(7)
    const takeover = async (end: 'freeze' | 'stop') => {
      const { clock, pass, start } = election()
      let began = 0
      const a = start('a')
      await pass(5 * random())
      const b = start('b', { random, onRun: () => (began = clock.now()) })
      await pass(10 + 5 * random())
      const ended = clock.now()
      a[end]()
      await pass(20)
      b.stop()
      await pass(0)
      return (began - ended) / 1000
    }
    for (const [end, least, most] of [
      ['freeze', 13, 19.4],
      ['stop', 0, 4.4],
    ] as const) {
      const seconds: number[] = []
      for (let count = 0; count < 100; count++) seconds.push(await takeover(end))
      seconds.sort((one, other) => one - other)
      const [first = 0, median = 0, last = 0] = [seconds[0], seconds[50], seconds.at(-1)]
      const text = [first, median, last].map((value) => value.toFixed(1)).join(' / ')
      t.diagnostic(
        `takeover after ${end === 'stop' ? 'release' : 'crash'}: ${text} s (least, median, most of 100)`,
      )
      assert.ok(first >= least && last <= most, text)
    }
  })

  it('ends 10 s after the last renewal although the next one hangs, before another may begin', async () => {
    const { clock, pass, start } = election()
    let began = 0
    const a = start('a')
    await pass(1)
    const b = start('b', { onRun: () => (began = clock.now()) })
    await pass(3.9)
    const [signal] = a.runs
    a.fares(LOST) // the last renewal was at 4 s
    await pass(9)
    assert.equal(signal?.aborted, false)
    await pass(0.1)
    assert.equal(signal?.reason.message, 'the lease was not renewed for 10 s')
    await pass(30)
    assert.ok(began - NOW >= 19_000, `${began - NOW} ms`)
    assert.equal(b.runs.size, 1)
    b.stop()
    a.stop()
    await pass(10)
    await Promise.all([a.done, b.done])
  })

  it('counts from before a renewal was sent, for the server may have taken it at once', async () => {
    const { pass, start } = election()
    const a = start('a')
    await pass(1)
    const [signal] = a.runs
    a.fares({ there: 0, back: 4_000 }) // sent at 2 s, answered at 6 s
    await pass(6)
    a.fares(LOST)
    await pass(4.9)
    assert.equal(signal?.aborted, false)
    await pass(0.1)
    assert.equal(signal?.aborted, true)
    a.stop()
    await pass(20)
    await a.done
  })

  it('notices before it renews that its machine slept, timers and all', async () => {
    const { pass, spec, start } = election()
    const a = start('a', { endingMs: 1_000 })
    await pass(3)
    const [signal] = a.runs
    const { renewTime } = spec()
    a.setClock(60_000)
    await pass(1)
    assert.equal(signal?.reason.message, 'the lease was not renewed for 10 s')
    assert.equal(spec().renewTime, renewTime)
    await pass(1)
    assert.equal(a.runs.size, 1, 'nobody took it meanwhile, so it may begin again')
    assert.notEqual(spec().renewTime, renewTime)
    a.stop()
    await pass(1)
    await a.done
  })

  it('does not take a lease early because its own clock was set', async () => {
    const { pass, start } = election()
    const a = start('a')
    await pass(1)
    const b = start('b')
    await pass(3)
    b.setClock(3_600_000)
    await pass(30)
    assert.equal(b.runs.size, 0)
    for (const process of [a, b]) process.stop()
    await pass(0)
  })

  it('renews while its run is ending, and releases the lease only then', async () => {
    const { pass, spec, start } = election()
    const a = start('a', { endingMs: 40_000 })
    await pass(1)
    const b = start('b')
    a.stop()
    await pass(39)
    assert.deepEqual([spec().holderIdentity, b.runs.size], ['a', 0])
    await pass(5.4)
    assert.deepEqual([spec().holderIdentity, b.runs.size], ['b', 1])
    await a.done
    b.stop()
    await pass(0)
  })

  it('stands by again after a loss, also where its run was slow to end', async () => {
    const { pass, start } = election()
    const a = start('a', { endingMs: 4_000 })
    await pass(1)
    const b = start('b')
    a.fares(LOST)
    await pass(30)
    a.fares(PROMPT)
    await pass(5)
    assert.deepEqual([a.runs.size, b.runs.size], [0, 1])
    assert.deepEqual(a.said(), [
      'held by a',
      'failing did not end within its deadline of 5 s',
      'lost the lease was not renewed for 10 s',
      'failing did not end within its deadline of 5 s',
      'waiting held by b',
    ])
    b.stop()
    await pass(5)
    assert.equal(a.runs.size, 1)
    a.stop()
    await pass(5)
  })

  it('takes a deletion for no release', async () => {
    const { pass, server, start } = election()
    const a = start('a')
    await pass(1)
    const b = start('b')
    await pass(5)
    a.freeze()
    server.edit(undefined)
    await pass(14.9)
    assert.equal(b.runs.size, 0)
    await pass(2.2)
    assert.equal(b.runs.size, 1)
    b.stop()
    await pass(0)
  })

  it('tells once that it is refused, that the server fails, and that it is over', async () => {
    const { pass, start } = election()
    const a = start('a')
    a.fares(failing(403, 'Forbidden'))
    await pass(30)
    assert.deepEqual(a.said(), ['forbidden the server said Forbidden'])
    a.fares(failing(500, 'InternalError'))
    await pass(30)
    a.fares(PROMPT)
    await pass(10)
    a.fares(failing(500, 'InternalError'))
    await pass(7)
    a.fares(PROMPT)
    await pass(5)
    a.stop()
    await pass(0)
    assert.deepEqual(a.said(), [
      'forbidden the server said Forbidden',
      'failing the server said InternalError',
      'held by a',
      'failing the server said InternalError',
      'held by a',
      'released',
    ])
  })

  it('releases the lease and throws what its run threw', async () => {
    const { pass, spec, start } = election()
    const { promise, reject } = Promise.withResolvers<void>()
    const a = start('a', { run: () => promise })
    await pass(7)
    const failed = assert.rejects(a.done, /a defect/)
    reject(new Error('a defect'))
    await pass(0)
    await failed
    assert.equal(spec().holderIdentity, '')
  })

  it('releases the lease and resolves when its run returns, and leaves no timer behind', async () => {
    const { clock, pass, spec, start } = election()
    const a = start('a', { run: async () => {} })
    await pass(0)
    await a.done
    assert.deepEqual([spec().holderIdentity, clock.pending()], ['', 0])
  })

  it('takes a rejection with the reason of its signal for an end, and any other for a defect', async () => {
    const { pass, start } = election()
    const rejecting = (reasonOf: (signal: AbortSignal) => unknown) => (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(reasonOf(signal))))
    const a = start('a', { run: rejecting(({ reason }) => reason) })
    await pass(1)
    a.stop()
    await pass(0)
    await a.done
    const b = start('b', { run: rejecting(() => new Error('a defect')) })
    await pass(1)
    b.stop()
    const failed = assert.rejects(b.done, /a defect/)
    await pass(0)
    await failed
  })

  it('gives a lease back that it got after it was stopped, and never runs', async () => {
    const { pass, server, start } = election()
    server.edit({ metadata: KEY, spec: {} })
    let runs = 0
    const a = start('a', { onRun: () => runs++ })
    a.fares({ there: 500, back: 500 })
    await pass(0.7) // the read is answered, the write is done, its answer is on its way
    a.stop()
    await pass(3)
    await a.done
    assert.deepEqual([runs, server.lease()?.spec?.holderIdentity], [0, ''])
    assert.equal(server.lease()?.spec?.leaseTransitions, 1)
  })

  it('ends at once when it is stopped while it stands by, and leaves no timer behind', async () => {
    const { clock, pass, start } = election()
    const a = start('a')
    await pass(1)
    const b = start('b')
    await pass(5)
    b.stop()
    await b.done
    a.stop()
    await pass(0)
    await a.done
    assert.equal(clock.pending(), 0)
  })

  it('refuses a timing by which two could act, and an empty identity', async () => {
    const { clock, server } = election()
    const stop = AbortSignal.abort()
    const leading = { api: server.connect(() => PROMPT), clock, random: () => 0, report: () => {}, ...KEY }
    const refused = async (options: object, message: string) =>
      assert.rejects(
        lead(async () => {}, { ...leading, identity: 'a', ...options }, stop),
        { message },
      )
    const lease = 'Lease "default/web"'
    await refused({ identity: '' }, `${lease}: identity must not be empty`)
    await refused(
      { timing: { leaseSeconds: 10 } },
      `${lease}: leaseSeconds must be a whole number > renewDeadlineSeconds (10), got 10`,
    )
    await refused(
      { timing: { renewDeadlineSeconds: 2.4 } },
      `${lease}: renewDeadlineSeconds must be > retrySeconds * 1.2 (2.4), got 2.4`,
    )
    await refused({ timing: { retrySeconds: 0 } }, `${lease}: retrySeconds must be > 0, got 0`)
  })
})
