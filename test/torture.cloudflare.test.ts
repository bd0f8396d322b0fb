/** A short torture of the Workers on Cloudflare; the long one is `npm run torture:cloudflare`. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { tortureCloudflare } from './torture/cloudflare/run.ts'

/** A machine that is busy with else takes its time. */
const PATIENT = { timeout: 240_000 }

it(
  'Workers lose nothing, whichever object dies, and when all do at once (R3, R4, R7, R26, A2, A10, B2, B15)',
  PATIENT,
  async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const { problems, ...figures } = await tortureCloudflare({ kills: 10, seed, lookMs: 3_000 })
    t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`)
    assert.deepEqual(problems, [], `npm run torture:cloudflare -- --kills 10 --seed ${seed}`)
    const { run, index, relay, runtime } = figures.killed
    assert.deepEqual([run, index, relay, runtime], [5, 2, 1, 1])
    assert.ok(figures.runs > 20 && figures.deletes > 0 && figures.crashes > 0, JSON.stringify(figures))
  },
)
