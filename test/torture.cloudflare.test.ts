/** A short torture of the Workers on Cloudflare; the long one is `npm run torture:cloudflare`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { check, usualDelay } from './torture/check.ts'
import { type Death, livesIn } from './torture/cloudflare/kill.ts'
import type { Entry } from './torture/operator.ts'
import { tortureCloudflare } from './torture/cloudflare/run.ts'

/** A machine that is busy with else takes its time. */
const PATIENT = { timeout: 240_000 }

it(
  'Workers lose nothing, whichever object dies, and when all do at once (R3, R4, R7, R26, A2, A10, B2, B15)',
  PATIENT,
  async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const { problems, ...figures } = await tortureCloudflare({ kills: 10, seed, lookMs: 4_000 })
    t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`)
    assert.deepEqual(problems, [], `npm run torture:cloudflare -- --kills 10 --seed ${seed}`)
    const { run, index, relay, runtime } = figures.killed
    assert.deepEqual([run, index, relay, runtime], [5, 2, 1, 1])
    assert.ok(figures.runs > 20 && figures.deletes > 0 && figures.crashes > 0, JSON.stringify(figures))
  },
)

describe('the judge of that torture', () => {
  const key = 'Probe default/a'
  const entry = (type: Entry['type'], at: number, pid: number, dueAt?: number): Entry => ({
    ...{ type, at, pid, key, uid: 'u1' },
    ...(dueAt !== undefined && { dueAt }),
  })
  const journal = [entry('begin', 10, 1), entry('begin', 50, 2), entry('end', 60, 2)]
  const problemsAfter = (...deaths: Death[]) =>
    check({
      journal,
      truth: { lives: [], changes: new Map([[key, 9]]) },
      stints: livesIn(journal, deaths),
      patience: [],
      deaths: deaths.length,
    }).problems
  const death = (victim: Death['victim'], since: number, of?: string): Death => ({
    ...{ victim, key: of, since, until: since + 5 },
  })

  it('sees a run beside one that nobody has killed, or that was killed too late', () => {
    assert.match(problemsAfter().join(), /two runs at once/)
    assert.match(problemsAfter(death('run', 55, key)).join(), /two runs at once/)
    assert.match(problemsAfter(death('runtime', 1), death('index', 20)).join(), /two runs at once/)
    assert.match(problemsAfter(death('run', 20, 'Probe default/b')).join(), /two runs at once/)
    assert.deepEqual(problemsAfter(death('run', 20, key)), [])
    assert.deepEqual(problemsAfter(death('runtime', 20)), [])
  })

  it('knows how late timers are that are due in the end', () => {
    const ends = [1_000, 2_000, 3_000].flatMap((at) => [
      entry('begin', at, 1),
      entry('end', at + 10, 1, at + 900),
    ])
    assert.equal(usualDelay(ends, 0), 100)
    assert.equal(usualDelay(ends, 5_000), 0)
  })
})
