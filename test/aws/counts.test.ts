/** What must hold however many there are: changes on one key, keys, and one that kills the function that runs it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { relay, systemClock as clock } from '../../lib/index.ts'
import { noInventory } from '../../lib/inventory/memory.ts'
import { awsSqs, listDead, redriveDead, sqsQueue } from '../../lib/queue/sqs.ts'
import { until } from './bundled.ts'
import { operator, Tally } from './counter.ts'
import { type AwsPath, startAwsPath } from './stage.ts'

/** Counts what runs: how often, and whether a key ever ran twice at once. */
function startCounter() {
  const runs = new Map<string, number>()
  const running = new Map<string, number>()
  const overlaps: string[] = []
  /** Who runs these is told to die. */
  const deadly = new Set(['poison'])
  const server = createServer((request, response) => {
    const [, what = '', name = ''] = request.url?.split('/') ?? []
    if (what === 'begin') {
      runs.set(name, (runs.get(name) ?? 0) + 1)
      if ((running.get(name) ?? 0) > 0) overlaps.push(name)
    }
    const dies = what === 'begin' && deadly.has(name)
    running.set(name, what === 'begin' && !dies ? 1 : 0)
    response.end(dies ? 'die' : '')
  })
  return { server, runs, overlaps, deadly }
}

let path: AwsPath
const counter = startCounter()
const relays = new AbortController()
let relaying: Promise<unknown>

before(async () => {
  await once(counter.server.listen(0, '127.0.0.1'), 'listening')
  const { port } = counter.server.address() as AddressInfo
  path = await startAwsPath({
    only: ['work', 'promote'],
    kinds: operator,
    operator: 'test/aws/counter.ts',
    env: { COUNTER: `http://127.0.0.1:${port}` },
    // A crash costs one visibility: it has to exceed the function's timeout, no more.
    timeoutSeconds: { work: 5 },
    visibilitySeconds: { ready: 6 },
  })
  Object.assign(process.env, path.aws.env)
  const using = { api: path.api, cluster: 'default', inventory: noInventory, report: () => {}, clock }
  const queue = sqsQueue(sending())
  // Two that know nothing of each other.
  relaying = Promise.all([1, 2].map(() => relay(operator, { ...using, queue }, relays.signal)))
})
after(async () => {
  relays.abort()
  await relaying
  await path[Symbol.asyncDispose]()
  counter.server.close()
})

function sending() {
  const { ready, delay, background, dead } = path.aws.queues
  const queues = { ready: ready.url, delay: delay.url, background: background.url, dead: dead.url }
  return { sqs: awsSqs(), queues, clock, random: Math.random }
}

const tally = (name: string, spec: object) => ({
  apiVersion: 'counting.fairlead.dev/v1',
  kind: 'Tally',
  metadata: { namespace: 'default', name },
  spec,
})

/** Resolves when the object says so. */
async function untilRound(name: string, round: number): Promise<void> {
  const lines = path.api.watch(Tally, {
    initial: true,
    timeoutSeconds: 60,
    fieldSelector: `metadata.name=${name}`,
  })
  for await (const { object } of lines) if (object.status?.round === round) return
}

/** Four deaths cost a visibility each, whatever the machine. */
const PATIENT = { timeout: 180_000 }

describe('functions on AWS', () => {
  it('500 changes of one key from two relays: one run at a time, 30 at most, none lost', async (context) => {
    const key = { namespace: 'default', name: 'busy' }
    await path.api.create(Tally, tally('busy', { round: 0 }))
    const change = (round: number) => path.api.patch(Tally, key, { type: 'merge', body: { spec: { round } } })
    // As fast as the API server takes them: each relay sends at most five times a second, however many there are.
    for (let round = 1; round < 500; round += 25)
      await Promise.all(Array.from({ length: Math.min(25, 500 - round) }, (_, i) => change(round + i)))
    await change(500)
    await untilRound('busy', 500)
    const runs = counter.runs.get('busy') ?? 0
    context.diagnostic(`${runs} runs`)
    assert.ok(runs >= 1 && runs <= 30, `${runs} runs`)
    assert.deepEqual(counter.overlaps, [])
  })

  it(
    '1,000 keys are all reconciled; one that kills its function is given up alone, and a redrive revives it',
    PATIENT,
    async (context) => {
      const names = Array.from({ length: 1_000 }, (_, i) => `key-${i}`)
      await path.api.create(Tally, tally('poison', { round: 1 }))
      for (let i = 0; i < names.length; i += 50)
        await Promise.all(
          names.slice(i, i + 50).map((name) => path.api.create(Tally, tally(name, { round: 1 }))),
        )
      const given = path.seen((happening) => happening.type === 'parked')
      await Promise.all(names.map((name) => untilRound(name, 1)))
      const parked = await given
      await until(() => path.aws.sqs.count('dead.fifo').ready === 1)
      assert.match(parked.type === 'parked' ? parked.reason : '', /^crashed 4 times/)
      const dead = await listDead(sending())
      assert.deepEqual(
        dead.map(({ key, reason }) => [key.split('|').at(-1), reason.slice(0, 15)]),
        [['poison', 'crashed 4 times']],
      )
      assert.equal(counter.runs.get('poison'), 4)
      const key = { namespace: 'default', name: 'poison' }
      const conditions = (await path.api.get(Tally, key))?.status?.conditions
      assert.equal(conditions?.find(({ type }) => type === 'Stalled')?.status, 'True')
      counter.deadly.clear()
      assert.equal(await redriveDead('all', sending()), 1)
      await untilRound('poison', 1)
      assert.deepEqual(await listDead(sending()), [])
      assert.deepEqual(counter.overlaps, [])
      const { functions, calls } = path.aws.figures()
      context.diagnostic(JSON.stringify({ work: functions.work?.invocations, calls }))
    },
  )
})
