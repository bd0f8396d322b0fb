/** What a cold `work` loads until its first reconcile is over: the bundle alone, in a process of its own. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { operator } from '../../functions/operator.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { bundle } from '../../infra/aws/bundle.ts'
import { FUNCTIONS } from '../../infra/aws/functions.ts'
import { environmentOf } from '../../infra/aws/local/environment.ts'
import { Deployment, keyOf, type Message } from '../../lib/index.ts'
import { groupOf } from '../../lib/queue/sqs/identity.ts'
import { startCluster } from '../cluster.ts'
import { scratchFolder } from '../scratch.ts'

const MOST_BYTES = 300_000

const message: Message = {
  version: 1,
  cluster: 'default',
  controller: 'myapp',
  namespace: 'default',
  name: 'web',
  causes: ['created'],
  lane: 'change',
  attempt: 0,
}

const event = {
  Records: [
    {
      messageId: 'm1',
      receiptHandle: 'r1',
      body: JSON.stringify(message),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(Date.now()),
        MessageGroupId: groupOf(keyOf(message)),
      },
      messageAttributes: {},
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:ready.fifo',
    },
  ],
}

/** Tells at the end of the reconcile which files were loaded for it, and which parts of Node. */
const PROGRAM = `
import { registerHooks } from 'node:module'
const files = []
registerHooks({ load: (url, context, next) => (url.startsWith('file:') && files.push(url), next(url, context)) })
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = (line) => {
  const { type, outcome } = JSON.parse(line)
  if (type === 'reconciled') {
    write(JSON.stringify({ outcome, files, builtins: process.moduleLoadList }))
    process.exit(0)
  }
  return true
}
const { handler } = await import('./index.mjs')
await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 30_000 })
throw new Error('nothing was reconciled')`

const queue = (name: string) => `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`

describe('the first reconcile of a cold work', () => {
  it('needs 300 kB at most: neither the AWS client nor fetch', async (context) => {
    await using cluster = await startCluster(operator)
    await cluster.api.create(MyApp, {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata: { namespace: 'default', name: 'web' },
      spec: { image: 'nginx:1.27', replicas: 1 },
    })
    const { folder } = await bundle(FUNCTIONS.work.entry, join(scratchFolder(), 'work'))
    writeFileSync(join(folder, 'first.mjs'), PROGRAM)
    const env = {
      FAIRLEAD_SQS_READY: queue('ready.fifo'),
      FAIRLEAD_SQS_DELAY: queue('delay'),
      FAIRLEAD_SQS_BACKGROUND: queue('background'),
      FAIRLEAD_SQS_DEAD: queue('dead.fifo'),
      FAIRLEAD_CLUSTERS: JSON.stringify({ default: { server: cluster.server.url } }),
    }
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'first.mjs')], {
      env: environmentOf({ name: 'work', folder, memoryMb: 256, env }, ''),
    })
    const { outcome, files, builtins } = JSON.parse(stdout) as Record<'files' | 'builtins', string[]> & {
      outcome: string
    }
    assert.match(outcome, /^done/)
    assert.ok(await cluster.api.get(Deployment, { namespace: 'default', name: 'web' }), 'it was reconciled')
    const bytes = files.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0)
    context.diagnostic(`${bytes} bytes in ${files.length} files`)
    assert.ok(bytes <= MOST_BYTES, `${bytes} bytes`)
    // A fifth of a cold start: whoever looks at Node's http as an ES module loads it.
    assert.deepEqual(
      builtins.filter((name) => name.includes('undici')),
      [],
    )
  })
})
