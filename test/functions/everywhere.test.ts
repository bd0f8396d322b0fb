/** The clusters that keys are worked on in, while they come and go. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { everywhere } from '../../functions/work/everywhere.ts'
import type { Kube } from '../../lib/index.ts'
import { placeFor } from '../../lib/work/place.ts'
import { fakeClock } from '../fake-clock.ts'
import { wakeMessage } from '../ingress.samples.ts'

const MINUTE = 60_000

describe('the clusters of a process that lives on', () => {
  /** What the setting says, and what a reader of it remembers. */
  let setting: string[] | Error
  let remembered: readonly string[]
  let newest: number

  const clock = fakeClock()
  const api = {} as Kube
  async function read(maxAgeSeconds = 300) {
    if (maxAgeSeconds === 0) {
      newest += 1
      if (setting instanceof Error) throw setting
      remembered = setting
    }
    return { names: remembered, api: async () => api, close() {} }
  }
  const using = { clock, random: () => 0, report() {}, reporter: 'sites' }
  /** What becomes of a key of this cluster. */
  async function fate(cluster: string, places: ReturnType<typeof everywhere>): Promise<string> {
    const place = await placeFor({ ...wakeMessage('docs'), cluster }, places)
    if (place instanceof Error) return place.message
    return 'reason' in place ? place.reason : 'here'
  }
  const WAITS = 'cluster "west": FAIRLEAD_CLUSTERS does not name it, which is waited for'

  beforeEach(() => {
    setting = ['east']
    remembered = setting
    newest = 0
  })

  it('get one that was added since: the newest setting is asked for, once for a batch', async () => {
    const places = everywhere(read, using)
    assert.deepEqual([await fate('east', places), newest], ['here', 0])
    setting = ['east', 'west']
    const fates = await Promise.all([1, 2, 3].map(() => fate('west', places)))
    assert.deepEqual([fates, newest], [['here', 'here', 'here'], 1])
  })

  it('let the keys of one that nobody knows wait for ten minutes, and bury them then', async () => {
    const places = everywhere(read, using)
    assert.equal(await fate('west', places), WAITS)
    await clock.advance(29_999)
    assert.deepEqual([await fate('west', places), newest], [WAITS, 1])
    await clock.advance(1)
    assert.deepEqual([await fate('west', places), newest], [WAITS, 2])
    await clock.advance(9.5 * MINUTE - 1)
    assert.equal(await fate('west', places), WAITS)
    assert.equal(await fate('east', places), 'here')
    await clock.advance(1)
    assert.equal(await fate('west', places), 'there is no cluster "west" here')
    setting = ['west']
    await clock.advance(30_000)
    assert.equal(await fate('west', places), 'here')
  })

  it('wait anew for one that was there in between', async () => {
    const places = everywhere(read, using)
    assert.equal(await fate('west', places), WAITS)
    remembered = ['west']
    assert.equal(await fate('west', places), 'here')
    remembered = ['east']
    await clock.advance(11 * MINUTE)
    assert.equal(await fate('west', places), WAITS)
  })

  it('give up on nothing while the newest setting cannot be had', async () => {
    const places = everywhere(read, using)
    setting = new Error('ssm is away')
    for (const _ of [1, 2]) {
      assert.equal(await fate('west', places), 'cluster "west": ssm is away')
      await clock.advance(11 * MINUTE)
    }
    assert.equal(await fate('east', places), 'here')
  })
})
