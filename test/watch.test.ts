/** The watch against a server whose every answer is scripted, on a clock moved by hand. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError, INITIAL_END, type KubeObject, type Metadata, type WatchLine } from '../lib/kube.ts'
import type { Happening } from '../lib/report.ts'
import { type Changes, type Watching, watch } from '../lib/watch.ts'
import { fakeClock } from './fake-clock.ts'
import { scriptedKube } from './watch.script.ts'

const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }

const pod = (name: string, resourceVersion: string, extra: Partial<Metadata> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...extra,
  },
})
const line = (type: WatchLine['type'], name: string, version: string): WatchLine => ({
  type,
  object: pod(name, version),
})
const bookmark = (version: string, isEnd = false): WatchLine => ({
  type: 'BOOKMARK',
  object: pod('', version, isEnd ? { annotations: { [INITIAL_END]: 'true' } } : {}),
})
const page = (items: readonly KubeObject[], resourceVersion: string, token?: string) => ({
  items,
  resourceVersion,
  ...(token === undefined ? {} : { continue: token }),
})
const expired = () => new ApiError(410, 'Expired', 'too old resource version: 7 (9)')
const tooMany = (retryAfterSeconds?: number) =>
  new ApiError(
    429,
    'TooManyRequests',
    'storage is (re)initializing',
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  )

/** A watch that runs, and what it has told so far: `+web` (listed), `web@3` (live), `-web`, `restart`, `synced`. */
function start(from: { resourceVersion?: string } = {}, options: Partial<Watching> = {}) {
  const clock = fakeClock()
  const kube = scriptedKube()
  const happenings: Happening[] = []
  const stop = new AbortController()
  const batches: Changes[] = []
  const report = (happening: Happening) => void happenings.push(happening)
  const watching = { api: kube.api, clock, random: () => 0, report, ...options }
  const running = (async () => {
    for await (const batch of watch(pods, watching, from, stop.signal)) batches.push(batch)
  })()
  const told = () =>
    batches.flatMap(({ changes }) =>
      changes.map((change) => {
        if (change.type === 'restart' || change.type === 'synced') return change.type
        const { name, resourceVersion } = change.object
        if (change.type === 'gone') return `-${name}`
        return change.initial ? `+${name}` : `${name}@${resourceVersion}`
      }),
    )
  const states = () =>
    happenings.map((happening) => (happening.type === 'watch' ? happening.state : happening.type))
  return {
    clock,
    kube,
    batches,
    told,
    states,
    happenings,
    /** The newest watch call; the code has had its turn. */
    async last() {
      await clock.advance(0)
      const call = kube.watches.at(-1)
      assert.ok(call, 'no watch was opened')
      return call
    },
    async lastList() {
      await clock.advance(0)
      const call = kube.lists.at(-1)
      assert.ok(call, 'nothing was listed')
      return call
    },
    cursor: () => batches.at(-1)?.cursor.resourceVersion,
    async stop() {
      stop.abort(new Error('the test is over'))
      await running
    },
  }
}

describe('watch: the initial state', () => {
  it('asks for a streaming list of metadata and goes on as a watch on the same stream (case 28)', async () => {
    const run = start(
      {},
      { namespace: 'default', selector: { labels: 'app=web', fields: 'metadata.name=a' } },
    )
    const stream = await run.last()
    const { signal: _signal, timeoutSeconds, ...options } = stream.options
    assert.deepEqual(options, {
      namespace: 'default',
      labelSelector: 'app=web',
      fieldSelector: 'metadata.name=a',
      as: 'metadata',
      initial: true,
    })
    stream.send(line('ADDED', 'a', '7'), line('ADDED', 'b', '3'))
    await run.clock.advance(0)
    assert.equal(run.cursor(), undefined, 'lines of the initial state are not in the order of versions')
    stream.send(bookmark('9', true))
    await run.clock.advance(0)
    assert.equal(run.cursor(), '9')
    stream.send(line('MODIFIED', 'a', '10'), line('DELETED', 'b', '11'))
    await run.clock.advance(0)
    assert.deepEqual(run.told(), ['restart', '+a', '+b', 'synced', 'a@10', '-b'])
    assert.equal(run.cursor(), '11')
    assert.deepEqual([run.kube.watches.length, run.kube.lists.length], [1, 0])
    assert.ok(timeoutSeconds >= 250 && timeoutSeconds <= 300)
    await run.stop()
  })

  it('tells of an empty resource that it is synced', async () => {
    const run = start()
    const stream = await run.last()
    stream.send(bookmark('5', true))
    await run.clock.advance(0)
    assert.deepEqual(run.told(), ['restart', 'synced'])
    assert.deepEqual(run.happenings, [{ type: 'watch', kind: 'Pod', state: 'synced', detail: '0 objects' }])
    await run.stop()
  })

  for (const code of [400, 422])
    it(`lists in pages of 500 where a streaming list is refused with ${code}, and watches from the list`, async () => {
      const run = start()
      const refused = await run.last()
      refused.fail(new ApiError(code, 'Invalid', 'sendInitialEvents is forbidden for watch'))
      const first = await run.lastList()
      assert.equal(first.options.limit, 500)
      assert.equal(first.options.as, 'metadata')
      assert.equal(first.options.continue, undefined)
      first.answer(page([pod('a', '3')], '9', 'token'))
      const second = await run.lastList()
      assert.equal(second.options.continue, 'token')
      assert.equal(run.cursor(), undefined)
      second.answer(page([pod('b', '4')], '9'))
      const stream = await run.last()
      assert.equal(stream.options.resourceVersion, '9')
      assert.equal(stream.options.initial, undefined)
      assert.deepEqual(run.told(), ['restart', '+a', '+b', 'synced'])
      assert.deepEqual(run.states(), ['synced'], 'a refusal is not a trouble')
      await run.stop()
    })

  it('lists where the server does not know streaming lists and sends a plain bookmark or nothing more', async () => {
    const plain = start()
    const ignoring = await plain.last()
    ignoring.send(line('ADDED', 'a', '3'), bookmark('5'))
    const list = await plain.lastList()
    list.answer(page([pod('a', '3')], '6'))
    await plain.clock.advance(0)
    assert.equal(plain.told().at(-1), 'synced')
    await plain.stop()

    const silent = start()
    const mute = await silent.last()
    mute.send(line('ADDED', 'a', '3'))
    await silent.clock.advance(30_000)
    assert.equal(silent.kube.lists.length, 1)
    assert.equal(mute.isOpen(), false)
    await silent.stop()
  })

  it('tries a streaming list again after one that ended too early was replaced by pages', async () => {
    const run = start()
    const short = await run.last()
    short.send(line('ADDED', 'a', '3'))
    short.end()
    const list = await run.lastList()
    list.answer(page([pod('a', '3')], '6'))
    const stream = await run.last()
    stream.fail(expired())
    const again = await run.last()
    assert.equal(again.options.initial, true)
    assert.deepEqual(run.told(), ['restart', '+a', 'restart', '+a', 'synced'])
    await run.stop()
  })
})

describe('watch: going on', () => {
  it('A1: bookmarks move the resume point and are never delivered', async () => {
    const run = start({ resourceVersion: '5' })
    const stream = await run.last()
    assert.equal(stream.options.resourceVersion, '5')
    stream.send(bookmark('8'))
    await run.clock.advance(60_000)
    assert.deepEqual(run.told(), [])
    assert.equal(run.cursor(), '8')
    stream.end()
    assert.equal((await run.last()).options.resourceVersion, '8')
    assert.equal(run.kube.lists.length, 0)
    await run.stop()
  })

  it('delivers what came in one chunk as one batch, in order', async () => {
    const run = start({ resourceVersion: '5' })
    const stream = await run.last()
    stream.send(line('ADDED', 'a', '6'), line('MODIFIED', 'a', '7'), line('DELETED', 'a', '8'))
    await run.clock.advance(0)
    assert.equal(run.batches.length, 1)
    assert.deepEqual(run.told(), ['a@6', 'a@7', '-a'])
    await run.stop()
  })

  it('resumes at once after a clean end, with a random timeout of 250 to 300 s each time (case 29)', async () => {
    const numbers = [0, 0.999, 0.5]
    const run = start({ resourceVersion: '5' }, { random: () => numbers.shift() ?? 0 })
    for (const expected of [250, 300, 275]) {
      const stream = await run.last()
      assert.equal(stream.options.timeoutSeconds, expected)
      stream.send(bookmark('6'))
      stream.end()
    }
    await run.clock.advance(0)
    assert.equal(run.kube.watches.length, 4)
    await run.stop()
  })

  it('delivers what came before a stream broke, and goes on after it', async () => {
    const run = start({ resourceVersion: '5' })
    const stream = await run.last()
    stream.send(line('ADDED', 'a', '6'))
    stream.fail(new ApiError(0, 'Unreachable', 'socket hang up'))
    await run.clock.advance(800)
    assert.deepEqual(run.told(), ['a@6'])
    assert.equal((await run.last()).options.resourceVersion, '6')
    assert.deepEqual(run.states(), ['synced'], 'a stream that had worked and broke is daily life')
    await run.stop()
  })

  it('passes over lines that are no objects', async () => {
    const run = start({ resourceVersion: '5' })
    const stream = await run.last()
    const table = { apiVersion: 'meta.k8s.io/v1', kind: 'Table', metadata: { ...pod('', '6').metadata } }
    stream.send({ type: 'ADDED', object: table }, line('ADDED', 'a', '7'))
    await run.clock.advance(0)
    assert.deepEqual(run.told(), ['a@7'])
    await run.stop()
  })

  it('reads no more than it can hold while the consumer is slow, and takes nothing for silence meanwhile', async () => {
    const clock = fakeClock()
    const kube = scriptedKube()
    const stop = new AbortController()
    const watching = { api: kube.api, clock, random: () => 0, report: () => {} }
    const changes = watch(pods, watching, { resourceVersion: '1' }, stop.signal)
    const first = changes.next()
    await clock.advance(0)
    const [stream] = kube.watches
    stream?.send(...Array.from({ length: 5_000 }, (_, index) => line('ADDED', `p${index}`, `${index + 2}`)))
    let received = (await first).value?.changes.length ?? 0
    await clock.advance(600_000)
    assert.equal(stream?.isOpen(), true)
    while (received < 5_000) {
      const { value } = await changes.next()
      assert.ok((value?.changes.length ?? 0) <= 1_000)
      received += value?.changes.length ?? 0
    }
    assert.equal(received, 5_000)
    const rest = changes.next()
    await clock.advance(0)
    assert.equal(kube.watches.length, 1, 'the stream was not given up')
    stop.abort(new Error('over'))
    assert.equal((await rest).done, true)
  })

  it('ends without an error when it is aborted, also in the middle of a wait or a list', async () => {
    const waiting = start({ resourceVersion: '5' })
    const refused = await waiting.last()
    refused.fail(tooMany())
    await waiting.clock.advance(0)
    await waiting.stop()

    const listing = start()
    const unknown = await listing.last()
    unknown.fail(new ApiError(400, 'BadRequest', 'no'))
    await listing.lastList()
    await listing.stop()
    assert.equal(listing.clock.pending(), 0, 'no timer is left behind')
  })
})

describe('watch: when a version is gone', () => {
  for (const where of ['as an answer', 'inside the stream'])
    it(`A2: lists anew after 410 ${where}, from the newest state`, async () => {
      const run = start({ resourceVersion: '7' })
      const stream = await run.last()
      if (where !== 'as an answer') stream.send(line('MODIFIED', 'a', '8'))
      stream.fail(expired())
      const again = await run.last()
      assert.equal(again.options.initial, true)
      assert.equal(again.options.resourceVersion, undefined)
      again.send(line('ADDED', 'b', '9'), bookmark('10', true))
      await run.clock.advance(0)
      assert.deepEqual(run.told().slice(-3), ['restart', '+b', 'synced'])
      assert.deepEqual(run.states(), ['synced'], 'an expired version is not a trouble')
      await run.stop()
    })

  it('case 25: versions asked for are the cursor, then none', async () => {
    const run = start({ resourceVersion: '10' })
    const first = await run.last()
    first.fail(expired())
    const second = await run.last()
    assert.deepEqual(
      [first, second].map(({ options }) => options.resourceVersion),
      ['10', undefined],
    )
    await run.stop()
  })

  it('backs off when lists and 410 answers follow each other', async () => {
    const run = start({ resourceVersion: '7' })
    for (let round = 0; round < 4; round++) {
      const stream = await run.last()
      stream.fail(expired())
    }
    await run.clock.advance(0)
    assert.equal(run.kube.watches.length, 2, 'only the first is free')
    await run.clock.advance(1_600)
    assert.equal(run.kube.watches.length, 3)
    await run.stop()
  })

  it('A5: an expired continue token restarts the list, and nothing is concluded from the pages before', async () => {
    const run = start()
    ;(await run.last()).fail(new ApiError(422, 'Invalid', 'no streaming lists'))
    ;(await run.lastList()).answer(page([pod('a', '3')], '9', 'token'))
    ;(await run.lastList()).fail(expired())
    await run.clock.advance(1_600)
    const again = await run.lastList()
    assert.equal(again.options.continue, undefined)
    again.answer(page([pod('a', '3'), pod('b', '4')], '12'))
    await run.clock.advance(0)
    assert.deepEqual(run.told(), ['restart', '+a', 'restart', '+a', '+b', 'synced'])
    assert.equal(run.cursor(), '12')
    await run.stop()
  })

  it('A5: a failure on a later page says nothing about what was not listed', async () => {
    const run = start()
    ;(await run.last()).fail(new ApiError(422, 'Invalid', 'no streaming lists'))
    ;(await run.lastList()).answer(page([pod('a', '3')], '9', 'token'))
    ;(await run.lastList()).fail(new ApiError(500, 'InternalError', 'etcdserver: leader changed'))
    await run.clock.advance(0)
    assert.deepEqual(run.told(), ['restart', '+a'])
    assert.equal(run.cursor(), undefined)
    await run.stop()
  })

  it('A6: never has two lists or watches open at once', async () => {
    const run = start({ resourceVersion: '1' })
    for (let round = 0; round < 12; round++) {
      await run.clock.advance(60_000)
      const open = [...run.kube.watches, ...run.kube.lists].filter((call) => call.isOpen())
      assert.equal(open.length, 1, `in round ${round}`)
      open[0]?.fail([expired(), tooMany(), new ApiError(422, 'Invalid', 'no')][round % 3])
    }
    assert.ok(run.kube.lists.length > 0)
    await run.stop()
  })

  it('lists anew after five refusals of one version: a broken version is answered 500 for ever', async () => {
    const run = start({ resourceVersion: 'garbage' })
    for (let round = 0; round < 5; round++) {
      const stream = await run.last()
      assert.equal(stream.options.resourceVersion, 'garbage')
      stream.fail(new ApiError(500, '', 'strconv.ParseUint'))
      await run.clock.advance(30_000)
    }
    assert.equal((await run.last()).options.initial, true)
    await run.stop()
  })

  it('lists anew when the server asks for it because the version is from its future', async () => {
    const run = start({ resourceVersion: '999' })
    const causes = [{ reason: 'ResourceVersionTooLarge' }]
    ;(await run.last()).fail(new ApiError(504, 'Timeout', 'Too large resource version', { causes }))
    assert.equal((await run.last()).options.initial, true)
    await run.stop()
  })
})

describe('watch: troubles', () => {
  for (const [error, state] of [
    [new ApiError(401, 'Unauthorized', 'who are you'), 'forbidden'],
    [new ApiError(403, 'Forbidden', 'you may not'), 'forbidden'],
    [new ApiError(500, 'InternalError', 'oops'), 'lost'],
    [new ApiError(503, 'ServiceUnavailable', 'oops'), 'lost'],
    [tooMany(), 'lost'],
    [new ApiError(0, 'Unreachable', 'connect ECONNREFUSED'), 'lost'],
    [new TypeError('not an API error'), 'lost'],
  ] as const)
    it(`A4: backs off and retries after ${error.message} from the same version, without a list, and tells it once`, async () => {
      const run = start({ resourceVersion: '5' })
      for (const delay of [800, 1_600, 3_200]) {
        const stream = await run.last()
        assert.equal(stream.options.resourceVersion, '5')
        stream.fail(error)
        const before = run.kube.watches.length
        await run.clock.advance(delay - 1)
        assert.equal(run.kube.watches.length, before, `waits ${delay} ms`)
        await run.clock.advance(1)
        assert.equal(run.kube.watches.length, before + 1)
      }
      assert.deepEqual(run.states(), [state])
      ;(await run.last()).send(bookmark('6'))
      await run.clock.advance(0)
      assert.deepEqual(run.states(), [state, 'synced'])
      assert.equal(run.kube.lists.length, 0)
      await run.stop()
    })

  it('case 26: five 429 answers, one list, no relist, also when they come inside the stream', async () => {
    const run = start()
    ;(await run.last()).send(line('ADDED', 'a', '3'), bookmark('4', true))
    for (let round = 0; round < 5; round++) {
      const stream = await run.last()
      if (round % 2) stream.send(bookmark('4'))
      stream.fail(tooMany())
      await run.clock.advance(60_000)
    }
    assert.equal(run.kube.watches.filter(({ options }) => options.initial).length, 1)
    assert.equal(run.kube.watches.at(-1)?.options.resourceVersion, '4')
    await run.stop()
  })

  it('A4: obeys Retry-After where it asks for more than the backoff, also right after a CRD was established', async () => {
    const run = start()
    ;(await run.last()).fail(tooMany(20))
    await run.clock.advance(19_999)
    assert.equal(run.kube.watches.length, 1)
    await run.clock.advance(1)
    assert.equal(run.kube.watches.length, 2)
    assert.equal((await run.last()).options.initial, true, 'a 429 is not a refusal of streaming lists')
    await run.stop()
  })

  it('backs off from 0.8 s to at most 30 s and begins anew after two healthy minutes', async () => {
    const run = start({ resourceVersion: '5' }, { random: () => 0.9999 })
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const stream = await run.last()
      const failedAt = run.clock.now()
      stream.fail(tooMany())
      await run.clock.advance(0)
      const before = run.kube.watches.length
      while (run.kube.watches.length === before) await run.clock.advance(100)
      waits.push(run.clock.now() - failedAt)
    }
    assert.deepEqual(waits, [1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
    const healthy = await run.last()
    await run.clock.advance(120_000)
    healthy.send(bookmark('6'))
    healthy.fail(tooMany())
    const before = run.kube.watches.length
    await run.clock.advance(1_600)
    assert.equal(run.kube.watches.length, before + 1)
    await run.stop()
  })

  it('backs off from streams that end at once with nothing on them', async () => {
    const run = start({ resourceVersion: '5' })
    ;(await run.last()).end()
    await run.clock.advance(799)
    assert.equal(run.kube.watches.length, 1)
    await run.clock.advance(1)
    assert.equal(run.kube.watches.length, 2)
    await run.stop()
  })

  it('A3: gives a silent stream up after the idle limit and resumes from the last version', async () => {
    const run = start({ resourceVersion: '5' })
    const stream = await run.last()
    await run.clock.advance(100_000)
    stream.send(line('ADDED', 'a', '6'))
    await run.clock.advance(149_999)
    assert.equal(run.kube.watches.length, 1)
    await run.clock.advance(1)
    assert.equal(stream.isOpen(), false)
    assert.equal((await run.last()).options.resourceVersion, '6')
    assert.equal(run.kube.lists.length, 0)
    await run.stop()
  })

  it('A3: gives a silent stream up though the clock was set back by an hour', async () => {
    const clock = fakeClock()
    let setBack = 0
    const run = start({ resourceVersion: '5' }, { clock: { ...clock, now: () => clock.now() - setBack } })
    const stream = await run.last()
    setBack = 3_600_000
    await clock.advance(300_000)
    assert.equal(stream.isOpen(), false)
    await run.stop()
  })

  it('A3: the idle limit can be set, and holds for lists as well', async () => {
    const run = start({}, { idleSeconds: 7 })
    ;(await run.last()).fail(new ApiError(422, 'Invalid', 'no streaming lists'))
    await run.lastList()
    await run.clock.advance(7_000)
    assert.deepEqual(run.states(), ['lost'])
    await run.clock.advance(800)
    assert.equal(run.kube.lists.length, 2)
    await run.stop()
  })

  it('lists anew when two streams from one version were silent: a restored server says nothing about its future', async () => {
    const run = start({ resourceVersion: '999' })
    await run.last()
    await run.clock.advance(150_000)
    assert.equal((await run.last()).options.resourceVersion, '999')
    await run.clock.advance(150_000)
    assert.equal((await run.last()).options.initial, true)
    await run.stop()
  })

  it('A11: tells that a resource is missing and begins with a list when it appears', async () => {
    const run = start()
    for (let round = 0; round < 3; round++) {
      ;(await run.last()).fail(
        new ApiError(404, 'NotFound', 'the server could not find the requested resource'),
      )
      await run.clock.advance(30_000)
    }
    ;(await run.last()).send(line('ADDED', 'a', '3'), bookmark('4', true))
    await run.clock.advance(0)
    assert.deepEqual(run.states(), ['missing', 'synced'])
    assert.deepEqual(run.told(), ['restart', '+a', 'synced'])
    await run.stop()
  })

  it('lists anew after its kind was away: what was deleted with it was never told', async () => {
    const run = start({ resourceVersion: '5' })
    ;(await run.last()).fail(
      new ApiError(404, 'NotFound', 'the server could not find the requested resource'),
    )
    await run.clock.advance(30_000)
    assert.equal((await run.last()).options.initial, true)
    await run.stop()
  })
})
