/** The ingress on Cloudflare, entry file and all: from a POST through a Cloudflare Queue to the Durable Objects of its keys. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Message } from '../../lib/index.ts'
import { signatureOf } from '../../lib/ingress/hmac.ts'
import { bufferedQueue, type Producer } from '../../lib/queue/buffered.ts'
import { COMPATIBILITY, startWorkers } from '../cloudflare/harness.ts'
import { message } from '../queue/held.ts'

const secret = new Uint8Array(32).fill(1)
const senders = {
  keyed: { cluster: 'east', hmac: { keys: { k1: Buffer.from(secret).toString('base64url') } } },
}
const queues = {
  producers: [{ binding: 'CHANGES', queue: 'fairlead-changes' }],
  consumers: [
    {
      queue: 'fairlead-changes',
      max_batch_size: 100,
      max_batch_timeout: 1,
      max_retries: 100,
      dead_letter_queue: 'fairlead-changes-dead',
    },
  ],
}
const classes = { KEYS: 'KeyQueue', INDEX: 'QueueIndex' }
const bindings = Object.entries(classes).map(([name, class_name]) => ({ name, class_name }))
const harness = await startWorkers([
  {
    config: {
      name: 'fairlead-ingress',
      main: 'functions/ingress/cloudflare.ts',
      ...COMPATIBILITY,
      vars: { FAIRLEAD_INGRESS: JSON.stringify(senders) },
      queues,
      durable_objects: { bindings: bindings.map((one) => ({ ...one, script_name: 'fairlead' })) },
    },
  },
  {
    config: {
      name: 'fairlead',
      main: 'test/functions/ingress.worker.ts',
      ...COMPATIBILITY,
      durable_objects: { bindings },
      migrations: [{ tag: 'v1', new_sqlite_classes: Object.values(classes) }],
    },
  },
])
after(() => harness.close())

async function post(messages: readonly unknown[], key = secret) {
  const text = JSON.stringify({ messages })
  const signed = { body: new TextEncoder().encode(text), format: 'json' }
  const authorization = await signatureOf({ id: 'keyed/k1', secret: key }, signed, Date.now())
  const headers = { 'content-type': 'application/json', authorization }
  const response = await harness.fetch('/changes', { method: 'POST', body: text, headers })
  return [response.status, await response.json()]
}

interface Seen {
  readonly ran: readonly Message[]
  readonly inVain: number
}
const seen = async () => (await (await harness.getWorker('fairlead').fetch('/')).json()) as Seen
const change = (name: string, more: Partial<Message> = {}) => message(name, { cluster: 'east', ...more })

/** What ran of these objects, once all of them have. */
async function ranOf(...names: string[]): Promise<Message[]> {
  for (;;) {
    const found = (await seen()).ran.filter(({ name }) => names.includes(name))
    if (names.every((name) => found.some((one) => one.name === name))) return found
  }
}

describe('the ingress on Cloudflare', () => {
  it('brings what was posted to its keys, and nothing of what was refused', async () => {
    const refused = [
      await post([change('refused')], new Uint8Array(32).fill(2)),
      await post([change('refused'), { ...change('refused'), cluster: 'west' }]),
      await post([change('refused'), { ...change('refused'), controller: 'nobody' }]),
    ]
    assert.deepEqual(
      refused.map(([status]) => status),
      [401, 403, 422],
    )
    const many = Array.from({ length: 30 }, (_, index) => change(`m${index}`, { resourceVersion: '7' }))
    assert.deepEqual(await post(many), [202, { accepted: 30, ignored: 0 }])
    const ran = await ranOf(...many.map(({ name }) => name))
    // What came through a queue may be late: the newest state is read.
    assert.deepEqual(
      ran.toSorted((one, other) => Number(one.name.slice(1)) - Number(other.name.slice(1))),
      many.map(({ resourceVersion: _, ...rest }) => rest),
    )
    assert.ok((await seen()).ran.every(({ name }) => name !== 'refused'))
  })

  it('tries a key again whose object fails at first, and lets the others run meanwhile', async () => {
    const worker = harness.getWorker('fairlead')
    await worker.fetch('/', { method: 'POST', body: JSON.stringify({ failing: 2 }) })
    assert.equal((await post([change('failing'), change('good')]))[0], 202)
    await ranOf('good')
    const before = await seen()
    assert.ok(before.inVain >= 1 && before.ran.every(({ name }) => name !== 'failing'))
    assert.deepEqual(await ranOf('failing'), [change('failing')])
    assert.equal((await seen()).inVain, 2)
    const lines = harness.getLogs().map(({ message: line }) => line)
    assert.ok(
      lines.some((line) => /"store":"queue","state":"refusing","detail":"1 of 2 messages wait: /.test(line)),
    )
  })

  it('takes a batch that comes twice, and whatever else is on the queue', async () => {
    const { CHANGES } = await harness.getWorker<{ CHANGES: Producer }>().getEnv()
    const strange: Message = JSON.parse('{"hello": "stranger"}')
    await bufferedQueue(CHANGES).send([strange])
    for (const _ of [1, 2]) assert.equal((await post([change('twice')]))[0], 202)
    const [first] = await ranOf('twice')
    assert.deepEqual(first, change('twice'))
    while (!(await seen()).ran.some((body) => JSON.stringify(body) === JSON.stringify(strange)));
  })
})
