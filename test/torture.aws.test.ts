/** A short torture of the functions on AWS; the long one is `npm run torture:aws`. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { tortureAws } from './torture/aws/run.ts'

/** Each kill costs a visibility; a machine that is busy with else takes its time besides. */
const PATIENT = { timeout: 240_000 }

it(
  'functions on AWS lose nothing, whichever process is killed (R3, R4, R7, A2, A10, B2, B15)',
  PATIENT,
  async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const { problems, ...figures } = await tortureAws({ kills: 8, seed })
    t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`)
    assert.deepEqual(problems, [], `npm run torture:aws -- --kills 8 --seed ${seed}`)
    assert.ok(figures.runs > 20 && figures.deletes > 0 && figures.killed.work, JSON.stringify(figures))
  },
)
