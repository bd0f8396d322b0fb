/** What functions on AWS weigh: they start cold on somebody's money. Workers: test/infra/wrangler.test.ts. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bundle } from '../../infra/aws/bundle.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/aws/functions.ts'
import { scratchFolder } from '../scratch.ts'

/** What may be read before a function can be called; what is loaded when it is needed is beside it. */
const HARD_LIMITS: Partial<Record<FunctionName, number>> = { work: 300_000, review: 150_000 }
const HARD_LIMIT = 300_000

/**
 * As measured and 2 %: whoever needs more raises it, and says why. zod is 81 kB of each, Hono 14 of review and ingress, the
 * operator's own files and the schemas of its kinds are 19 of all but promote.
 */
const LIMITS: Partial<Record<FunctionName, number>> = {
  work: 197_000,
  promote: 97_000,
  relay: 191_000,
  resync: 163_000,
  review: 150_000,
  ingress: 158_000,
}

/** What no function needs before it is called. */
const STRANGERS =
  /@aws-sdk|@smithy|client-node|\/jose\/|x509|cel-js|node-server|lib\/apiserver|sqlite|lib\/kind\/(schema|check)\.ts/

const folder = scratchFolder()
const entries = Object.entries(FUNCTIONS).filter(([, { entry }]) => existsSync(entry))

describe('the bundle of a function', { concurrency: true }, () => {
  for (const [name, { entry }] of entries as [FunctionName, { entry: string }][])
    it(`${name}: is small, and has no client that is not always needed, nor what other stations need`, async (context) => {
      const { firstBytes, firstInputs } = await bundle(entry, join(folder, name))
      context.diagnostic(`${name}: ${firstBytes} bytes`)
      const most = Math.min(LIMITS[name] ?? HARD_LIMIT, HARD_LIMITS[name] ?? HARD_LIMIT)
      assert.ok(firstBytes <= most, `${firstBytes} bytes, ${most} at most`)
      assert.ok(firstBytes > 50_000, 'it holds zod at least')
      assert.deepEqual(
        firstInputs.filter((path) => STRANGERS.test(path)),
        [],
      )
    })
})
