/** `fairlead dead --url`: what was given up by a queue elsewhere, seen and decided on from a terminal. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { keyOf, systemClock as clock } from '../../lib/index.ts'
import { parseLiveKeys } from '../../lib/mac.ts'
import { queueApp } from '../../lib/queue/desk/http.ts'
import { serveReviews } from '../../lib/review/node.ts'
import { startScripted } from '../kube/server.ts'
import { memoryDesk, parkedAs } from '../queue/desk/samples.ts'
import { message } from '../queue/held.ts'
import { startProgram } from './process.ts'

const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64url')
const given = (name: string, since: number) => {
  const body = message(name, { cluster: 'default' })
  return parkedAs(keyOf(body), { body, reason: `no hope for ${name}`, since })
}
/** More than one page, the oldest last by key. */
const { desk, kept, redriven } = memoryDesk([
  given('z', clock.now() - 90_000),
  ...Array.from({ length: 1_100 }, (_, index) => given(`n${index}`, clock.now() - 5_000)),
])
const keys = parseLiveKeys(`a=${secret(1)}`, 'queue keys')
const server = await serveReviews(queueApp({ keys, clock, queue: desk, report() {} }), { clock })
after(() => server.close(0))

async function fairlead(words: readonly string[], env: Record<string, string> = {}) {
  await using program = startProgram('fairlead', ['dead', ...words], {
    FAIRLEAD_QUEUE_KEY: secret(1),
    ...env,
  })
  const [code] = await program.ended()
  return { code, out: program.lines.join('\n') }
}
const there = (...words: string[]) => fairlead([...words, '--url', server.url])

describe('fairlead dead --url', () => {
  it('lists, shows, redrives and drops', async () => {
    const { code, out } = await there('list')
    const [, oldest = '', ...others] = out.split('\n')
    assert.match(oldest, /^myapp\/default\/z +1m\d+s +no hope for z$/)
    assert.deepEqual([code, others.length], [0, 1_100])
    assert.match((await there('show', 'myapp/default/z')).out, /Reason: +no hope for z/)
    assert.deepEqual(await there('redrive', 'myapp/default/z'), { code: 0, out: '1 key redriven' })
    assert.deepEqual([redriven, kept.size], [[keyOf(message('z', { cluster: 'default' }))], 1_100])
    assert.match((await there('drop', 'myapp/default/z')).out, /is not parked in 127\.0\.0\.1:\d+/)
    assert.deepEqual(await there('drop', '--all'), { code: 0, out: '1100 keys dropped' })
    assert.deepEqual(await there('list'), { code: 0, out: 'No keys are parked.' })
  })

  it('names what is wrong, and the way out, and never the key', async () => {
    const asked = ['list', '--url', server.url]
    const [wrong, named, elsewhere, both] = await Promise.all([
      fairlead(asked, { FAIRLEAD_QUEUE_KEY: secret(2) }),
      fairlead(asked, { FAIRLEAD_QUEUE_KEY: `a=${secret(1)}` }),
      fairlead(['list', '--url', 'http://queue.example.com']),
      fairlead([...asked, '--sqs']),
    ])
    assert.match(
      wrong.out,
      /^error: 127\.0\.0\.1:\d+: 401: FAIRLEAD_QUEUE_KEY is none of the keys in its FAIRLEAD_QUEUE_KEYS$/,
    )
    assert.equal(
      named.out,
      'error: FAIRLEAD_QUEUE_KEY must be one secret of FAIRLEAD_QUEUE_KEYS, in base64url, without its "id="',
    )
    assert.match(elsewhere.out, /^error: --url must be an https URL without credentials/)
    assert.deepEqual(both, { code: 2, out: '--sqs and --url exclude each other' })
    for (const { code, out } of [wrong, named, elsewhere]) {
      assert.equal(code, 1)
      assert.ok(!out.includes(secret(1)) && !out.includes(secret(2)))
    }
  })

  it('shows its key to nobody whom an answer names, and takes only a desk for one', async () => {
    await using other = await startScripted((seen, response) => {
      if (seen.url.startsWith('/moved'))
        response.writeHead(302, { location: `${server.url}/queue/parked` }).end()
      else response.end('{"items":"<html>"}')
    })
    const [moved, stranger] = await Promise.all([
      fairlead(['list', '--url', `${other.url}/moved`]),
      fairlead(['list', '--url', other.url]),
    ])
    assert.match(moved.out, /302: a redirect, which is not followed$/)
    assert.match(stranger.out, /what answers is not the desk of a queue$/)
  })
})
