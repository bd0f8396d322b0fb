import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { signedAws } from '../../lib/aws/sign.ts'
import { systemClock } from '../../lib/clock.ts'
import { DatabaseError } from '../../lib/database.ts'
import type { Inventory, Step } from '../../lib/inventory.ts'
import { parseS3Url, s3Inventory } from '../../lib/inventory/s3.ts'
import { fakeClock } from '../fake-clock.ts'
import { inventoryContract } from '../inventory.contract.ts'
import { type Bucket, memoryBucket } from './bucket.ts'

const step = (version: string, puts: Record<string, string> = {}, deletes: string[] = []): Step => ({
  puts: new Map(Object.entries(puts)),
  deletes,
  cursor: { resourceVersion: version },
})
const known = async (inventory: Inventory) => {
  const { cursor, fingerprints } = (await inventory.load('pods')) ?? { cursor: {}, fingerprints: new Map() }
  return { version: cursor.resourceVersion, fingerprints: Object.fromEntries(fingerprints) }
}

describe('inventory in S3, against an S3 server', () => {
  let server: FauxqsServer
  let buckets = 0
  before(async () => {
    server = await startFauxqs({ port: 0, logger: false })
  })
  after(() => server.stop())
  const places = new Map<Inventory, string>()
  const open = async (bucket = `inventory-${buckets++}`) => {
    if (![...places.values()].includes(bucket)) server.createBucket(bucket)
    const endpoints = { all: `http://127.0.0.1:${server.port}` }
    const credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' })
    const aws = signedAws({ region: 'us-east-1', credentials, endpoints })
    const inventory = s3Inventory({
      aws,
      clock: systemClock,
      bucket,
      prefix: 'a/b',
      writer: 'w',
      intervalMs: 0,
    })
    places.set(inventory, bucket)
    return inventory
  }
  inventoryContract(open, (used) => open(places.get(used)))
})

const startedAt = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

describe('inventory in S3, against a bucket that fences', () => {
  const rig = (pageSize?: number) => {
    const clock = fakeClock(startedAt)
    const bucket = memoryBucket(clock.now, pageSize)
    let writers = 0
    const open = (more: object = {}) =>
      s3Inventory({
        aws: bucket.aws,
        clock,
        bucket: 'b',
        prefix: 'p',
        writer: `writer-${writers++}`,
        intervalMs: 0,
        ...more,
      })
    return { clock, bucket, open }
  }
  const opened = new Map<Inventory, ReturnType<typeof rig>>()
  inventoryContract(
    async () => {
      const made = rig()
      const inventory = made.open()
      opened.set(inventory, made)
      return inventory
    },
    async (used) => opened.get(used)?.open() ?? assert.fail('not opened here'),
  )

  const isTrouble = (trouble: string) => (error: unknown) =>
    error instanceof DatabaseError && error.trouble === trouble

  it('ends the second of two relays that write the same source, and keeps what the first has written', async () => {
    const { open } = rig()
    const [one, other] = [open(), open()]
    await one.load('pods')
    await other.load('pods')
    await one.commit('pods', step('1', { a: '1' }))
    await assert.rejects(other.commit('pods', step('1', { b: '1' })), isTrouble('locked'))
    await one.commit('pods', step('2', { c: '1' }))
    assert.deepEqual(await known(open()), { version: '2', fingerprints: { a: '1', c: '1' } })
  })

  it('sees what another has written meanwhile when it loads again, and goes on from there', async () => {
    const { open } = rig()
    const [one, other] = [open(), open()]
    await one.commit('pods', step('1', { a: '1' }))
    await other.load('pods')
    await other.commit('pods', step('2', { a: '2' }))
    assert.deepEqual(await known(one), { version: '2', fingerprints: { a: '2' } })
    await one.commit('pods', step('3', {}, ['a']))
    assert.deepEqual(await known(open()), { version: '3', fingerprints: {} })
  })

  it('ends a relay that slept while others wrote, made a snapshot and deleted what it knew', async () => {
    const { open, clock, bucket } = rig()
    const sleeper = open()
    await sleeper.commit('pods', step('1', { a: '1' }))
    const other = open({ mostSegments: 2 })
    await other.load('pods')
    for (let version = 2; version < 6; version++) {
      await clock.advance(40 * MINUTE)
      await other.commit('pods', step(`${version}`, { a: `${version}` }))
    }
    assert.ok(
      ![...bucket.objects.keys()].some((key) => key.endsWith('journal/000000000002')),
      'its next number is free',
    )
    await assert.rejects(sleeper.commit('pods', step('9', { b: '1' })), isTrouble('locked'))
    assert.deepEqual(await known(open()), { version: '5', fingerprints: { a: '5' } })
  })

  it('takes a call whose answer was lost for its own when it is made again, with another step too', async () => {
    const { open, bucket } = rig()
    const inventory = open()
    await inventory.commit('pods', step('1', { a: '1' }))
    bucket.onCall = (call) => (call.startsWith('PUT') ? { after: new Error('connection lost') } : undefined)
    await assert.rejects(inventory.commit('pods', step('2', { a: '2' })), /connection lost/)
    bucket.onCall = () => undefined
    await inventory.commit('pods', step('3', { b: '3' }))
    const all = { version: '3', fingerprints: { a: '2', b: '3' } }
    assert.deepEqual(await known(inventory), all)
    assert.deepEqual(await known(open()), all)
  })

  it('is readable whatever call is the last before a crash: the steps that were stored, and none in part', async () => {
    const calls = 40
    for (let last = 1; last < calls; last++) {
      const { open, bucket, clock } = rig()
      let count = 0
      bucket.onCall = () => {
        if (++count > last) throw new Error('crashed')
        return undefined
      }
      const inventory = open({ mostSegments: 3 })
      let stored = 0
      try {
        for (let version = 1; version <= 12; version++) {
          await inventory.commit('pods', step(`${version}`, { [`k${version}`]: 'f', all: `${version}` }))
          stored = version
          await clock.advance(30 * MINUTE)
        }
      } catch {
        // The process is gone; another one begins.
      }
      bucket.onCall = () => undefined
      const { version, fingerprints } = await known(open())
      assert.equal(version ?? '0', `${stored}`, `after ${last} calls`)
      assert.equal(Object.keys(fingerprints).length, stored === 0 ? 0 : stored + 1)
    }
  })

  it('makes snapshots, deletes what is superseded for an hour, and follows the pages of a list', async () => {
    const { open, bucket, clock } = rig(7)
    const inventory = open({ mostSegments: 10 })
    for (let version = 1; version <= 100; version++) {
      await inventory.commit('pods', step(`${version}`, { [`k${version % 30}`]: `${version}` }))
      await clock.advance(3 * MINUTE)
    }
    assert.ok(bucket.objects.size < 40, `${bucket.objects.size} objects`)
    assert.ok(bucket.objects.size > 7, 'more than one page')
    const { version, fingerprints } = await known(open())
    assert.equal(version, '100')
    assert.deepEqual(
      [Object.keys(fingerprints).length, fingerprints.k10, fingerprints.k11],
      [30, '100', '71'],
    )
  })

  it('a snapshot that fails fails no commit, is told, and is made later', async () => {
    const { open, bucket } = rig()
    const told: unknown[] = []
    const inventory = open({ mostSegments: 2, onTrouble: (error: unknown) => told.push(error) })
    bucket.onCall = (call) => {
      if (call.startsWith('PUT snapshot')) throw new Error('SlowDown')
      return undefined
    }
    for (const version of ['1', '2', '3']) await inventory.commit('pods', step(version, { a: version }))
    assert.equal(told.length, 2)
    bucket.onCall = () => undefined
    await inventory.commit('pods', step('4', { a: '4' }))
    assert.ok(bucket.calls.includes('PUT snapshot/000000000004'))
  })

  it('costs a GET and no PUT where only the cursor moves; the cursor is stored later, and by flush', async () => {
    const { open, bucket, clock } = rig()
    const inventory = open()
    await inventory.commit('pods', step('1', { a: '1' }))
    bucket.calls.length = 0
    await clock.advance(MINUTE)
    assert.equal((await known(inventory)).version, '1')
    await inventory.commit('pods', step('2'))
    assert.deepEqual(bucket.calls, ['GET journal/000000000002'])
    assert.equal((await known(inventory)).version, '2')
    assert.equal((await known(open())).version, '1')
    await inventory.flush()
    assert.equal((await known(open())).version, '2')
    await clock.advance(5 * MINUTE)
    await inventory.commit('pods', step('3'))
    assert.equal((await known(open())).version, '3')
  })

  it('stores at once who has been told, and a cursor that ends', async () => {
    const { open } = rig()
    const inventory = open()
    await inventory.commit('pods', step('1', { a: '1' }))
    await inventory.commit('pods', { ...step('2'), cursor: { resourceVersion: '2', told: { sites: 5 } } })
    assert.deepEqual((await open().load('pods'))?.cursor.told, { sites: 5 })
  })

  it('stores a source once per interval', async () => {
    const { open, clock, bucket } = rig()
    const inventory = open({ intervalMs: 2000 })
    await inventory.commit('pods', step('1', { a: '1' }))
    const second = inventory.commit('pods', step('2', { a: '2' }))
    await clock.advance(1999)
    assert.equal(bucket.calls.filter((call) => call.startsWith('PUT')).length, 1)
    await clock.advance(1)
    await second
    assert.equal(bucket.calls.filter((call) => call.startsWith('PUT')).length, 2)
  })

  it('says what to do about an object that is damaged or missing', async () => {
    const damage = async (how: (bucket: Bucket, key: string) => void, trouble: string, text: RegExp) => {
      const { open, bucket } = rig()
      for (const version of ['1', '2', '3']) await open().commit('pods', step(version, { a: version }))
      how(bucket, [...bucket.objects.keys()].find((key) => key.endsWith('2')) ?? '')
      await assert.rejects(
        open().load('pods'),
        (error) => isTrouble(trouble)(error) && text.test(String(error)),
      )
    }
    const garbage = { body: new TextEncoder().encode('nonsense'), writtenAt: 0 }
    await damage(
      (bucket, key) => bucket.objects.set(key, garbage),
      'damaged',
      /000002 is damaged .*delete everything below s3:\/\/b\/p\//,
    )
    await damage(
      (bucket, key) => bucket.objects.delete(key),
      'damaged',
      /000002 is damaged \(it is missing\)/,
    )
  })

  it('passes on a bucket that refuses, to be tried again: no DatabaseError, the code and the object in its text', async () => {
    const { open, bucket } = rig()
    const refusing: Bucket['aws'] = {
      ...bucket.aws,
      fetch: async () =>
        new Response('<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>', {
          status: 503,
        }),
    }
    await assert.rejects(open({ aws: refusing }).load('pods'), (error) => {
      assert.ok(!(error instanceof DatabaseError))
      assert.match(String(error), /s3 ListObjectsV2 p\/\S+: SlowDown \(503\): Reduce your rate$/)
      return true
    })
  })

  it('reads bucket and prefix off a URL', () => {
    assert.deepEqual(parseS3Url('s3://my-bucket/a/b/'), { bucket: 'my-bucket', prefix: 'a/b' })
    assert.deepEqual(parseS3Url('s3://my.bucket'), { bucket: 'my.bucket', prefix: '' })
    for (const text of ['https://x/y', 's3://B', 's3://bucket/a b', 's3://bucket/../x'])
      assert.throws(() => parseS3Url(text), /must be s3:\/\/bucket\/prefix/)
  })
})
