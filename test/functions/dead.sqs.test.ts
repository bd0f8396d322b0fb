/** `fairlead dead --sqs`: what was given up on SQS, seen and decided on from a terminal. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startLocalSqs } from '../../infra/aws/local/fauxqs.ts'
import { systemClock as clock } from '../../lib/index.ts'
import { awsSqs, sqsQueue, startConsumer } from '../../lib/queue/sqs.ts'
import { message } from '../queue/held.ts'
import { startProgram } from './process.ts'

const server = await startLocalSqs()
after(() => server.close())
const [ready, delay, background, dead] = ['ready.fifo', 'delay', 'background', 'dead.fifo'].map(
  (name) => server.createQueue(name).url,
)
const env = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ENDPOINT_URL_SQS: server.url,
  FAIRLEAD_SQS_READY: ready ?? '',
  FAIRLEAD_SQS_DELAY: delay ?? '',
  FAIRLEAD_SQS_BACKGROUND: background ?? '',
  FAIRLEAD_SQS_DEAD: dead ?? '',
}
Object.assign(process.env, env)
const queues = { ready: ready ?? '', delay: delay ?? '', background: background ?? '', dead: dead ?? '' }
const using = { sqs: awsSqs(), queues, clock, random: Math.random, report() {}, identity: 'test' }

/** Has keys given up as `work` would. */
async function bury(...names: string[]): Promise<void> {
  await sqsQueue(using).send(names.map((name) => message(name, { cluster: 'default' })))
  const consume = startConsumer(using)
  for (const name of names) {
    const batch = await using.sqs.receive(queues.ready, { most: 10, waitSeconds: 1 })
    const on = { deadline: clock.now() + 60_000, signal: new AbortController().signal }
    const bad = { type: 'bury', reason: `no hope for ${name}` } as const
    await consume(batch, async (deliveries) => new Map(deliveries.map(({ id }) => [id, bad])), on)
    await using.sqs.remove(
      queues.ready,
      batch.map(({ handle }) => handle),
    )
    if (server.count('dead.fifo').ready >= names.length) return
  }
}

async function fairlead(...words: string[]) {
  await using program = startProgram('fairlead', ['dead', ...words, '--sqs'], env)
  const [code] = await program.ended()
  return { code, out: program.lines.join('\n') }
}

describe('fairlead dead --sqs', () => {
  it('lists, shows, redrives and drops (B7)', async () => {
    assert.deepEqual(await fairlead('list'), { code: 0, out: 'No keys are parked.' })
    await bury('a', 'b')
    const { out: names } = await fairlead('list', '-o', 'name')
    assert.deepEqual(names.split('\n').toSorted(), ['myapp/default/a', 'myapp/default/b'])
    assert.match((await fairlead('list')).out, /myapp\/default\/a +\d+s +no hope for/)
    assert.match((await fairlead('show', 'myapp/default/a')).out, /Reason: +no hope for/)
    assert.deepEqual(await fairlead('redrive', 'myapp/default/a'), { code: 0, out: '1 key redriven' })
    const [again] = await using.sqs.receive(queues.ready, { most: 10, waitSeconds: 1 })
    assert.match(again?.body ?? '', /"name":"a"/)
    assert.deepEqual(await fairlead('drop', '--all'), { code: 0, out: '1 key dropped' })
    assert.deepEqual(await fairlead('list'), { code: 0, out: 'No keys are parked.' })
  })

  it('names what is wrong with a queue, and the setting', async () => {
    await using program = startProgram('fairlead', ['dead', 'list', '--sqs'], {
      ...env,
      FAIRLEAD_SQS_DEAD: (dead ?? '').replace('dead', 'none'),
    })
    assert.equal((await program.ended())[0], 1)
    assert.match(
      program.lines.join('\n'),
      /none\.fifo \(FAIRLEAD_SQS_DEAD\) does not exist: check FAIRLEAD_SQS_DEAD/,
    )
    assert.match((await fairlead('list', '--state', 'x')).out, /--sqs and --state exclude each other/)
  })
})
