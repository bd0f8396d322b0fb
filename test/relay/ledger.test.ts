/** The order of queue and inventory, and that neither outbox nor ledger grows with the number of changes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Step } from '../../lib/inventory.ts'
import type { Message } from '../../lib/message.ts'
import { startLedger } from '../../lib/relay/ledger.ts'
import { type Parcel, type Receipt, startOutbox } from '../../lib/relay/outbox.ts'
import { startPersisting } from '../../lib/relay/persist.ts'
import { fakeClock } from '../fake-clock.ts'

const parcel = (name: string): Parcel => ({
  quietMs: 500,
  message: {
    version: 1,
    cluster: 'c',
    controller: 'app',
    name,
    causes: [],
    lane: 'change',
    attempt: 0,
  },
})

/** A queue that refuses until it is told otherwise, and an inventory that notes each commit. */
function start() {
  const clock = fakeClock()
  const { signal } = new AbortController()
  let offset = 0
  const using = {
    clock: { ...clock, now: () => clock.now() - offset },
    random: () => 0,
    report: () => {},
    signal,
    fail: (error: unknown) => assert.fail(String(error)),
  }
  const sent: string[] = []
  let isRefusing = true
  const queue = {
    async send(messages: readonly Message[]) {
      if (isRefusing) throw new Error('throttled')
      sent.push(...messages.map(({ name }) => name))
    },
  }
  const commits: Step[] = []
  const inventory = {
    load: async () => undefined,
    commit: async (_source: string, step: Step) => void commits.push(step),
  }
  const outbox = startOutbox({ ...using, queue, persist: startPersisting('queue', using) })
  const ledger = startLedger('s', {
    ...using,
    outbox,
    inventory,
    persist: startPersisting('inventory', using),
  })
  return {
    clock,
    outbox,
    ledger,
    sent,
    commits,
    accept() {
      isRefusing = false
    },
    setBack(milliseconds: number) {
      offset = milliseconds
    },
  }
}

const put = (name: string, version: number): Step => ({
  puts: new Map([[name, `v${version}`]]),
  deletes: [],
  cursor: { resourceVersion: `${version}` },
})

describe('startLedger', () => {
  it('stores nothing before the queue holds it, and what came meanwhile as one step', async () => {
    const { clock, ledger, sent, commits, accept } = start()
    for (let version = 1; version <= 1_000; version++) {
      ledger.enter(put('a', version), [parcel('a')])
      await clock.advance(0)
    }
    ledger.enter({ puts: new Map(), deletes: ['b'], cursor: { resourceVersion: '1001' } }, [])
    await clock.advance(10_000)
    assert.deepEqual([sent, commits], [[], []])
    accept()
    await clock.advance(60_000)
    assert.deepEqual(sent, ['a', 'a'])
    assert.deepEqual(commits, [
      put('a', 1),
      { puts: new Map([['a', 'v1000']]), deletes: ['b'], cursor: { resourceVersion: '1001' } },
    ])
    await ledger.settled()
  })

  it('makes of a key that is put, deleted and put again what it is in the end', async () => {
    const { clock, ledger, commits, accept } = start()
    accept()
    const gone = { puts: new Map(), deletes: ['a'], cursor: {} }
    for (const step of [
      put('x', 1),
      put('a', 2),
      gone,
      put('a', 3),
      put('b', 4),
      { ...gone, deletes: ['b'] },
    ])
      ledger.enter(step, [])
    await clock.advance(0)
    assert.deepEqual(commits.at(-1), { puts: new Map([['a', 'v3']]), deletes: ['b'], cursor: {} })
  })
})

describe('startOutbox', () => {
  it('owes a waiting key once, however often it changes while the queue refuses', async () => {
    const { clock, outbox, accept } = start()
    let owed = 0
    let most = 0
    const receipt: Receipt = {
      owe() {
        owed += 1
        most = Math.max(most, owed)
      },
      pay() {
        owed -= 1
      },
    }
    for (let change = 0; change < 1_000; change++) {
      outbox.post([parcel('a'), parcel('b')], receipt)
      await clock.advance(0)
    }
    assert.equal(most, 4, 'two keys, each being sent and waiting')
    accept()
    await clock.advance(60_000)
    assert.equal(owed, 0)
  })

  it('ends its quiet windows when the clock is set back by an hour', async () => {
    const { clock, outbox, sent, accept, setBack } = start()
    const receipt: Receipt = { owe() {}, pay() {} }
    accept()
    outbox.post([parcel('a')], receipt)
    await clock.advance(0)
    outbox.post([parcel('a')], receipt)
    setBack(3_600_000)
    await clock.advance(1_000)
    assert.deepEqual(sent, ['a', 'a'])
  })
})
