/** What is made once of an isolate, in workerd, where a promise ends with the request or the Durable Object that made it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestHarness } from 'wrangler'
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'

describe('whoever asks first and dies of it leaves nobody of its isolate waiting', () => {
  let harness: TestHarness
  before(async () => {
    harness = await startWorkers([
      {
        config: {
          name: 'dying',
          main: 'test/functions/dying.worker.ts',
          ...COMPATIBILITY,
          durable_objects: { bindings: [{ name: 'ASKERS', class_name: 'Asker' }] },
          migrations: [{ tag: 'v1', new_sqlite_classes: ['Asker'] }],
        },
        vars: { FAIRLEAD_CLUSTERS: { east: { server: 'https://x', token: 'env:EAST' } } },
        secrets: { EAST: 'hunter2' },
      },
    ])
  })
  after(() => harness.close())

  for (const [what, title] of [
    ['cluster', 'for a cluster'],
    ['desk', 'at the desk'],
    ['mac', 'whether a mac is right'],
    ['sender', 'who sends changes'],
  ])
    it(title ?? '', { timeout: 20_000 }, async () => {
      await assert.rejects(harness.fetch(`/${what}/die`), /dead/)
      assert.equal(await (await harness.fetch(`/${what}/ask`)).text(), `${what} answers`)
    })
})
