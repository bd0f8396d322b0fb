/** Reviews over HTTP: what may come from outside, and the exact answer to each. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { myappConversion } from '../../functions/operators/myapp.ts'
import {
  ConfigMap,
  defineOperator,
  defineReview,
  type Happening,
  type Kube,
  systemClock,
} from '../../lib/index.ts'
import { lazyKube } from '../../lib/kube/lazy.ts'
import { connect as connectKube } from '../../lib/kube/rest.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { reviewMetrics } from '../../lib/review/metrics.ts'
import { type ReviewServer, serveReviews } from '../../lib/review/node.ts'
import { fakeClock } from '../fake-clock.ts'
import { asked, Shop, shop } from '../review.samples.ts'

const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64url')
const keys = parseKeys(`k1=${secret(1)},k2=${secret(2)}`)
const operator = defineOperator('test', [], {
  reviews: [defineReview(Shop, {})],
  conversions: [myappConversion],
})

/** An API server that answers every question with its name. */
function clusterNamed(cluster: string): Kube {
  async function* body() {
    yield JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { cluster } })
  }
  const send = async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: body() })
  return connectKube({ send, close() {} }, { clock: systemClock })
}

interface Body {
  response: { uid: string; allowed: boolean; status?: { code: number; message: string; reason: string } }
}

describe('reviews over HTTP', () => {
  const happenings: Happening[] = []
  const metrics = reviewMetrics()
  let server: ReviewServer
  let base: string
  before(async () => {
    const report = (happening: Happening) => {
      happenings.push(happening)
      metrics.report(happening)
    }
    const app = reviewApp(operator, { keys, clock: systemClock, report, metrics: metrics.text })
    server = await serveReviews(app, { clock: systemClock })
    base = `${server.url}${await capabilityPath(keys, 'east')}`
  })
  after(() => server.close(0))

  const post = (
    body: string | Uint8Array,
    headers: Record<string, string> = {},
    url = `${base}/validate/shop`,
  ) =>
    fetch(url, {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': 'application/json', ...headers },
    })
  const answer = async (response: Response) => {
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/json')
    const { response: said } = (await response.json()) as Body
    return said
  }
  const alive = async () =>
    assert.deepEqual(await answer(await post(JSON.stringify(asked(shop({}))))), { uid: 'u-1', allowed: true })

  it('answers a review on its path', alive)

  it('refuses bad input inside a review, with code and rule, and lives on (G4, case 36)', async () => {
    const good = JSON.stringify(asked(shop({})))
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    const cases: [string, string | Uint8Array, Record<string, string>, number, RegExp][] = [
      ['empty', '', {}, 400, /^the body is empty$/],
      ['blank', ' \n', {}, 400, /^the body is empty$/],
      ['truncated', good.slice(0, -2), {}, 400, /^the body is not JSON$/],
      ['not JSON', 'hello', {}, 400, /^the body is not JSON$/],
      ['8 MiB', Buffer.alloc(8 * 1024 * 1024, ' '), {}, 413, /^the body must be 7340032 bytes at most$/],
      ['no type', good, { 'content-type': '' }, 400, /^content type must be application\/json, got ""$/],
      ['another type', good, { 'content-type': 'text/json' }, 400, /got "text\/json"$/],
      [
        'a parameter',
        good,
        { 'content-type': 'application/json; charset=utf-8' },
        400,
        /^content type must be/,
      ],
      ['a wrong version', good.replace('k8s.io/v1"', 'k8s.io/v7"'), {}, 400, /apiVersion/],
      ['an unknown kind', good.replace('AdmissionReview', 'TokenReview'), {}, 400, /kind/],
      ['no uid', good.replace('"uid":"u-1",', ''), {}, 400, /request\.uid/],
      ['a list', '[]', {}, 400, /not an AdmissionReview/],
      ['nested too deeply', deep, {}, 400, /^the body is nested more than 1000 levels deep$/],
      ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 400, /^the body is not UTF-8$/],
    ]
    for (const [name, body, headers, code, message] of cases) {
      const { allowed, status, uid } = await answer(await post(body, headers))
      assert.deepEqual([name, allowed, status?.code], [name, false, code])
      assert.match(status?.message ?? '', message, name)
      assert.equal(uid, /version|unknown/.test(name) ? 'u-1' : '', name)
    }
    await alive()
  })

  it('refuses bad input to a conversion too, as a conversion that failed', async () => {
    const cases: [string | Uint8Array, RegExp][] = [
      ['', /^the body is empty$/],
      ['{"a":1', /^the body is not JSON$/],
      [Buffer.alloc(8 * 1024 * 1024, ' '), /^the body must be 7340032 bytes at most$/],
      [`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, /^the body is nested more than 1000 levels deep$/],
      [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /^the body is not UTF-8$/],
      [JSON.stringify(asked(shop({}))), /^not a ConversionReview/],
    ]
    for (const [body, message] of cases) {
      const response = await post(body, {}, `${base}/convert/myapp`)
      assert.equal(response.status, 200)
      const { response: said } = (await response.json()) as {
        response: { result: { status: string; message: string } }
      }
      assert.equal(said.result.status, 'Failed')
      assert.match(said.result.message, message)
    }
  })

  it('takes names that mean something to JavaScript as names, and brackets in texts as text', async () => {
    const object = shop({ title: `${'['.repeat(15)}"\\` })
    const text = JSON.stringify(asked(object)).replace(
      '"spec":{',
      '"__proto__":{"polluted":1},"spec":{"__proto__":{"polluted":1},',
    )
    assert.equal((await answer(await post(text))).allowed, true)
    assert.equal(({} as { polluted?: number }).polluted, undefined)
  })

  it('reads from the cluster that asks, by its name in the path', async () => {
    const seen: unknown[] = []
    const reading = defineReview(Shop, {
      validate: async (_object, { api }) => {
        seen.push((await api?.get(ConfigMap, { namespace: 'default', name: 'a' }))?.data?.cluster)
      },
    })
    const api = (cluster: string) =>
      cluster === 'north' ? undefined : lazyKube(async () => clusterNamed(cluster))
    const app = reviewApp(
      { reviews: [reading], conversions: [] },
      { keys, clock: systemClock, report() {}, api },
    )
    for (const cluster of ['east', 'west', 'north'])
      await app.request(`${await capabilityPath(keys, cluster)}/validate/shop`, {
        method: 'POST',
        body: JSON.stringify(asked(shop({}))),
        headers: { 'content-type': 'application/json' },
      })
    assert.deepEqual(seen, ['east', 'west', undefined])
  })

  it('cuts off a body that never ends', async () => {
    const { hostname, port, pathname } = new URL(base)
    const socket = connect(Number(port), hostname)
    const reported = happenings.length
    socket.write(
      `POST ${pathname}/validate/shop HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => resolve())
      socket.on('error', () => {})
    })
    const feed = (error?: Error | null) => {
      if (!error) socket.write(chunk, feed)
    }
    feed()
    await closed
    // Whether the answer gets through to somebody who does not stop talking is up to TCP.
    assert.deepEqual(
      happenings.slice(reported).map((happening) => happening.type === 'reviewed' && happening.result),
      ['invalid'],
    )
    await alive()
  })

  it('answers 404 and nothing else on every path that is not right, whatever is wrong with it', async () => {
    const body = JSON.stringify(asked(shop({})))
    const good = new URL(base).pathname.split('/')
    const other = await capabilityPath(parseKeys(`k1=${secret(9)}`), 'east')
    const wrong = [
      '/',
      '/validate/shop',
      `${other}/validate/shop`,
      `${good.with(2, 'west').join('/')}/validate/shop`,
      `${good.with(3, 'k2').join('/')}/validate/shop`,
      `${good.with(3, 'k9').join('/')}/validate/shop`,
      `${good.with(4, '').join('/')}/validate/shop`,
      `${good.with(4, '%00%ff').join('/')}/validate/shop`,
      `${good.join('/')}/validate/nobody`,
      `${good.join('/')}/look/shop`,
      `${good.join('/')}/convert/shop`,
    ]
    const before = happenings.length
    for (const path of wrong) {
      const response = await post(body, {}, `${server.url}${path}`)
      assert.deepEqual([path, response.status, await response.text()], [path, 404, ''])
    }
    assert.equal((await fetch(`${base}/validate/shop`)).status, 404)
    assert.equal(happenings.length, before)
  })

  it('lets two keys live at once, and no longer', async () => {
    const body = JSON.stringify(asked(shop({})))
    const second = await capabilityPath(parseKeys(`k2=${secret(2)}`), 'east')
    assert.equal((await post(body, {}, `${server.url}${second}/validate/shop`)).status, 200)
    assert.throws(() => parseKeys('k1=short'), /the secret of "k1" must be base64url of 32 bytes at least/)
    assert.throws(() => parseKeys(''), /there must be one or two, got 0/)
    assert.throws(() => parseKeys(`a=${secret(1)},b=${secret(2)},c=${secret(3)}`), /got 3/)
    assert.throws(
      () => parseKeys(`K 1=${secret(1)}`),
      (error: Error) => !error.message.includes(secret(1)),
    )
  })

  it('takes the API server’s patience from the query (G6)', async () => {
    const clock = fakeClock()
    const slow = defineReview(Shop, { validate: () => new Promise<void>(() => {}) })
    const app = reviewApp(defineOperator('test', [], { reviews: [slow] }), { keys, clock, report: () => {} })
    const path = `${await capabilityPath(keys, 'east')}/validate/shop?timeout=2s`
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', body: JSON.stringify(asked(shop({}))), headers }
    const answering = Promise.resolve(app.request(path, init))
    let isAnswered = false
    void answering.then(() => {
      isAnswered = true
    })
    while (clock.pending() === 0 || isAnswered) await clock.advance(0)
    await clock.advance(1_499)
    assert.equal(isAnswered, false)
    while (!isAnswered) await clock.advance(1)
    assert.equal(((await (await answering).json()) as Body).response.status?.code, 504)
  })

  it('gives up on a body that does not come', async () => {
    const clock = fakeClock()
    const app = reviewApp(operator, { keys, clock, report: () => {} })
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) })
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`http://x${await capabilityPath(keys, 'east')}/validate/shop`, {
      method: 'POST',
      body,
      headers,
      duplex: 'half',
    } as RequestInit)
    const answering = Promise.resolve(app.request(request))
    while (clock.pending() === 0) await clock.advance(0)
    await clock.advance(10_000)
    const { response } = (await (await answering).json()) as Body
    assert.deepEqual(
      [response.status?.code, response.status?.message],
      [408, 'the body did not arrive within 10 s'],
    )
  })

  it('is healthy, and counts by review, verb and result', async () => {
    for (const path of ['/healthz', '/readyz'])
      assert.equal(await (await fetch(`${server.url}${path}`)).text(), 'ok')
    await post(JSON.stringify(asked(shop({ replicas: 99 }))))
    await post('')
    const text = await (await fetch(`${server.url}/metrics`)).text()
    assert.match(text, /^# TYPE fairlead_review_seconds histogram$/m)
    assert.match(text, /^fairlead_review_seconds_count\{review="shop",verb="validate",result="denied"\} 1$/m)
    assert.match(
      text,
      /^fairlead_review_seconds_bucket\{review="shop",verb="validate",result="invalid",le="\+Inf"\} \d+$/m,
    )
  })

  it('reports nothing of path, user or object', () => {
    const said = JSON.stringify(happenings)
    for (const secretText of [new URL(base).pathname, 'ann', 'Corner', 'corner'])
      assert.ok(!said.includes(secretText))
  })
})
