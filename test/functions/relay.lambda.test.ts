/** The entries of relay and resync on AWS, against SQS and S3 on loopback: two clusters, one of which cannot be reached. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { operator } from '../../functions/operator.ts'
import { myapp } from '../../functions/operators/myapp.ts'
import { type LocalSqs, startLocalSqs } from '../../infra/aws/local/fauxqs.ts'
import { type Cluster, startCluster } from '../cluster.ts'

let sqs: LocalSqs
let cluster: Cluster

before(async () => {
  sqs = await startLocalSqs()
  cluster = await startCluster(operator)
  sqs.createBucket('inventory')
  const clusters = { east: { server: cluster.server.url }, west: { server: 'http://127.0.0.1:9' } }
  Object.assign(process.env, {
    FAIRLEAD_SQS_READY: sqs.createQueue('ready.fifo').url,
    FAIRLEAD_SQS_DELAY: sqs.createQueue('delay').url,
    FAIRLEAD_SQS_BACKGROUND: sqs.createQueue('background').url,
    FAIRLEAD_CLUSTERS: JSON.stringify(clusters),
    FAIRLEAD_INVENTORY: 's3://inventory/relay',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SQS: sqs.url,
    AWS_ENDPOINT_URL_S3: sqs.url,
  })
})

after(async () => {
  await cluster[Symbol.asyncDispose]()
  await sqs.close()
})

const app = (name: string) => ({
  apiVersion: 'apps.fairlead.dev/v1',
  kind: 'MyApp',
  metadata: { name, namespace: 'default' },
  spec: { image: 'nginx:1.27', replicas: 1, service: { port: 80, type: 'ClusterIP' } },
})

/** A second or two to watch; the rest is the margin. */
const context = { getRemainingTimeInMillis: () => 12_000, functionName: 'f' }

describe('functions on AWS', () => {
  it('relay: tells what it has found, then only what changed; a broken cluster holds up nothing', async () => {
    const { handler } = await import('../../functions/relay/lambda.ts')
    await cluster.api.create(myapp.kind, app('one'))
    const first = await handler({}, context)
    assert.deepEqual(first.east, { changed: 1, sent: 1, broken: 0, refusing: 0 })
    assert.ok(first.west && 'broken' in first.west && first.west.broken > 0, JSON.stringify(first.west))
    assert.deepEqual([sqs.count('background').ready, sqs.count('ready.fifo').ready], [1, 0])
    await cluster.api.create(myapp.kind, app('two'))
    const second = await handler({}, context)
    assert.deepEqual(second.east, { changed: 1, sent: 1, broken: 0, refusing: 0 })
    assert.deepEqual([sqs.count('background').ready, sqs.count('ready.fifo').ready], [1, 1])
  })

  it('resync: sends the key of every object in the background, and names what is left', async () => {
    const { handler } = await import('../../functions/resync/lambda.ts')
    const before = sqs.count('background').ready
    const { east, west } = await handler({}, { ...context, getRemainingTimeInMillis: () => 20_000 })
    assert.ok(east && 'sent' in east)
    assert.deepEqual([east.sent, east.left], [{ myapp: 2 }, []])
    assert.ok(west && 'left' in west)
    assert.deepEqual(
      west.left.map(({ what }) => what),
      ['MyApp', 'Cluster', 'TsTest'],
    )
    assert.equal(sqs.count('background').ready, before + 2)
  })

  it('relay and resync: look after the clusters that the setting names now', async () => {
    process.env.FAIRLEAD_CLUSTERS = JSON.stringify({ east: { server: cluster.server.url } })
    const { handler: relay } = await import('../../functions/relay/lambda.ts')
    const { handler: resync } = await import('../../functions/resync/lambda.ts')
    assert.deepEqual(Object.keys(await relay({}, context)), ['east'])
    assert.deepEqual(Object.keys(await resync({}, context)), ['east'])
  })
})
