/** `npm run start:aws` as a user starts it: its command line, its lines, what it serves, and how it ends. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { figureLines, functionPrinter } from '../../infra/aws/local/words.ts'
import { systemClock } from '../../lib/index.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { connect } from '../../lib/kube/rest.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { startScript } from '../functions/process.ts'

const START = 'infra/aws/local/start.ts'

describe('npm run start:aws', () => {
  it('says what it takes, and refuses what it does not', async () => {
    await using help = startScript(START, ['--help'])
    assert.deepEqual(await help.ended(), [0, null])
    assert.match(help.lines.join('\n'), /--relay lambda\|node/)
    await using refused = startScript(START, ['--relay', 'elsewhere'])
    assert.deepEqual(await refused.ended(), [2, null])
    assert.deepEqual(refused.lines, ['--relay must be lambda or node, got elsewhere'])
  })

  it('reviews, relays and reconciles in functions, prints what happens, and ends with figures', async () => {
    await using program = startScript(START)
    const [, kubeconfig = ''] = await program.line(/^kubeconfig: (.*)$/)
    await program.line(/^ready$/)
    const { clusters } = JSON.parse(readFileSync(kubeconfig, 'utf8'))
    const transport = httpsTransport({ server: clusters[0].cluster.server })
    const created = await connect(transport, { clock: systemClock }).create(MyApp, {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata: { namespace: 'default', name: 'web' },
      spec: { image: 'nginx:1.27' },
    })
    transport.close()
    assert.equal(created.metadata.name, 'web')
    await program.line(/^review +[\d:.]+ reviewed +validate myapp +allowed/)
    await program.line(/^relay +[\d:.]+ sent +myapp default\/web/)
    await program.line(/^work +[\d:.]+ reconciled myapp default\/web .*: done/)
    program.child.kill('SIGINT')
    assert.deepEqual(await program.ended(), [0, null])
    assert.match(
      program.lines.join('\n'),
      /^review +\d+ invocations, 0 failed, median \d+ ms; 1 cold starts/m,
    )
  })
})

describe('the lines of functions', () => {
  const printed: string[] = []
  const { log, told } = functionPrinter((line) => printed.push(line), { color: false, now: () => 0 })

  it('are happenings made readable, and everything else as it is, on one line', () => {
    log('relay', JSON.stringify({ type: 'changed', kind: 'MyApp', key: 'default/web', cause: 'added' }))
    log('work', '{"type":"of somebody else"}')
    log('work', '{"type":"changed", cut off')
    log('promote', 'a\u001b[2Jb')
    assert.deepEqual(printed, [
      'relay   00:00:00.000 changed    MyApp default/web  added',
      'work    {"type":"of somebody else"}',
      'work    {"type":"changed", cut off',
      'promote a\\u001b[2Jb',
    ])
  })

  it('are counted, and divided by changes at the end', () => {
    log(
      'work',
      JSON.stringify({
        type: 'reconciled',
        controller: 'c',
        key: 'k',
        milliseconds: 1,
        calls: 6,
        outcome: 'done',
      }),
    )
    const work = { invocations: 3, coldStarts: 1, errors: 0, initMs: [90], durationMs: [5, 7, 6] }
    const ready = { receives: 5, emptyReceives: 2, deletes: 3, batches: 3, messages: 3, failed: 0 }
    const figures = {
      functions: { work },
      mappings: { ready },
      calls: { ReceiveMessage: 5, DeleteMessageBatch: 3 },
    }
    assert.deepEqual(figureLines(figures, told()), [
      'work    3 invocations, 0 failed, median 6 ms; 1 cold starts, median 90 ms',
      'calls   5 ReceiveMessage, 3 DeleteMessageBatch (2 receives found nothing)',
      'changes 1, reconciled 1 times',
      'each    3.00 invocations, 6.00 calls of AWS, 6.00 requests to the API server',
    ])
  })
})
