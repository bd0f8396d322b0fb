/** The whole of the local AWS: bundles as processes, the queues between them, a schedule, a function URL, and figures. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type LocalAws, startLocalAws } from '../../infra/aws/local/aws.ts'
import type { FunctionSettings } from '../../infra/aws/functions.ts'
import { scratchFolder } from '../scratch.ts'
import { until } from './bundled.ts'

const worker: FunctionSettings = {
  entry: 'test/aws/worker.ts',
  timeoutSeconds: 10,
  memoryMb: 128,
  settings: ['FAIRLEAD_SQS_READY', 'FAIRLEAD_SQS_DELAY'],
}
const page: FunctionSettings = { ...worker, entry: 'test/aws/page.ts', settings: [] }

let aws: LocalAws
const lines: string[] = []
before(async () => {
  aws = await startLocalAws({
    clusters: '{"default":{"server":"http://127.0.0.1:1"}}',
    functions: { relay: worker, work: worker, promote: worker, review: page },
    folder: scratchFolder(),
    relaySeconds: 0,
    log: (name, line) => lines.push(`${name}: ${line}`),
  })
})
after(() => aws.close())

const isEmpty = () =>
  ['ready.fifo', 'delay', 'background', 'dead.fifo'].every((name) =>
    Object.values(aws.sqs.count(name)).every((count) => count === 0),
  )

describe('a local AWS', () => {
  it('runs functions that send to queues, which run functions', async () => {
    await until(() => lines.includes('work: work promoted new') && isEmpty())
    const told = lines.filter((line) => !line.includes('again'))
    assert.deepEqual(told, [
      'relay: Scheduled Event first',
      'work: work new',
      'promote: promote new',
      'work: work promoted new',
    ])
  })

  it('gives the settings to a process of this machine', () => {
    assert.equal(aws.env.FAIRLEAD_SQS_DEAD, aws.queues.dead.url)
    assert.equal(aws.env.FAIRLEAD_INVENTORY, 's3://fairlead/inventory')
    assert.match(aws.env.AWS_ENDPOINT_URL_SQS ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('serves functions at URLs', async () => {
    assert.deepEqual(Object.keys(aws.urls), ['review'])
    const response = await fetch(`${aws.urls.review}/plain`)
    assert.deepEqual(await response.json(), { answer: 42 })
  })

  it('counts invocations, cold starts, calls', () => {
    const { functions, mappings, calls } = aws.figures()
    assert.partialDeepStrictEqual(functions.work, { invocations: 2, coldStarts: 1, errors: 0 })
    assert.partialDeepStrictEqual(functions.promote, { invocations: 1, coldStarts: 1 })
    assert.partialDeepStrictEqual(mappings.ready, { batches: 2, messages: 2, deletes: 2, failed: 0 })
    assert.partialDeepStrictEqual(calls, { SendMessage: 3, DeleteMessageBatch: 3 })
    assert.equal((functions.relay?.invocations ?? 0) > 1, true)
    assert.equal(functions.relay?.coldStarts, 1)
  })
})
