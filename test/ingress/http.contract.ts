/**
 * The ingress over HTTP as cases that every platform is put through (Node, Lambda, Workers): what may come from outside, the
 * exact answer to each, and that the queue holds nothing of what was refused.
 */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { MOST_BYTES } from '../../lib/ingress.ts'
import { signatureOf } from '../../lib/ingress/hmac.ts'
import { auditEvent, eventList, knative, wakeMessage } from '../ingress.samples.ts'
import { bothSettings, type Issuer, SECRET as secret, startIssuer } from './issuer.ts'
import type { Conditions, Seen } from './stage.ts'

/** An ingress on its platform, with a stage (`stage.ts`) behind it. */
export interface IngressUnderTest {
  send(path: string, init?: RequestInit): Promise<Response>
  set(conditions: Conditions): Promise<void>
  seen(): Promise<Seen>
  close(): Promise<void>
}

const siteRef = { apiVersion: 'test.fairlead.dev/v1', kind: 'Site', namespace: 'default', name: 'docs' }
const JSON_TYPE = { 'content-type': 'application/json' }
const UNKNOWN = { error: 'who is asking is not known' }
const docs = { messages: [wakeMessage('docs')] }

/** Defines the cases. `start` is given the setting FAIRLEAD_INGRESS. */
export function ingressContract(
  platform: string,
  start: (senders: string) => Promise<IngressUnderTest>,
  whole: { readonly because?: string } = {},
): void {
  describe(`the ingress over HTTP, ${platform}`, () => {
    let issuer: Issuer
    let ingress: IngressUnderTest
    before(async () => {
      issuer = await startIssuer()
      ingress = await start(bothSettings(issuer))
    })
    beforeEach(() => ingress.set({}))
    after(async () => {
      await ingress.close()
      await issuer.close()
    })

    async function post(body: unknown, headers: Record<string, string> = JSON_TYPE) {
      const token = 'authorization' in headers ? undefined : `Bearer ${await issuer.token()}`
      return await told({
        body:
          typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        headers: { ...(token !== undefined && { authorization: token }), ...headers },
      })
    }
    async function told(init: RequestInit) {
      const response = await ingress.send('/changes', { method: 'POST', ...init })
      const body = (await response.json()) as Record<string, unknown>
      return { status: response.status, headers: response.headers, body }
    }
    const sent = async () => (await ingress.seen()).sent
    const sign = (text: string, format = 'json') =>
      signatureOf({ id: 'keyed/k1', secret }, { body: new TextEncoder().encode(text), format }, Date.now())

    it('answers many at once though it has just started, with tokens and with signatures', async () => {
      const body = JSON.stringify(docs)
      const authorization = await sign(body)
      const asked = Array.from({ length: 40 }, (_, index) =>
        post(body, index % 2 === 0 ? JSON_TYPE : { ...JSON_TYPE, authorization }),
      )
      assert.deepEqual(
        (await Promise.all(asked)).map(({ status }) => status),
        Array(40).fill(202),
      )
      assert.equal((await sent()).length, 40)
    })

    it('puts a batch of messages on the queue; sent again it is harmless, and there again', async () => {
      const messages = [wakeMessage('docs'), { ...wakeMessage('home'), origin: 'u-1:7' }]
      for (const _ of [1, 2]) {
        const { status, body } = await post({ messages })
        assert.deepEqual([status, body], [202, { accepted: 2, ignored: 0 }])
      }
      const seen = await ingress.seen()
      assert.deepEqual(seen.sent, [...messages, ...messages])
      const received = { type: 'received', sender: 'east', code: 202, accepted: 2, ignored: 0 }
      assert.deepEqual(seen.happenings, [received, received])
    })

    it('takes an empty batch, and leaves the queue alone', async () => {
      await ingress.set({ failure: 'asked' })
      for (const body of [{ messages: [] }, eventList()])
        assert.deepEqual((await post(body)).body, { accepted: 0, ignored: 0 })
      assert.equal((await post([], { 'content-type': 'application/cloudevents-batch+json' })).status, 202)
    })

    it('takes CloudEvents structured, batched and binary, and audit events', async () => {
      const wake = { ...wakeMessage('docs'), causes: ['changed'] }
      const event = knative('ref.update', siteRef)
      const { data: _, ...attributes } = event
      const headers = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]),
      )
      const ref = { resource: 'sites', apiGroup: 'test.fairlead.dev', namespace: 'default', name: 'docs' }
      const ways: [unknown, Record<string, string>][] = [
        [event, { 'content-type': 'application/cloudevents+json' }],
        [event, { 'content-type': 'application/cloudevents+json; charset=UTF-8' }],
        [[event], { 'content-type': 'application/cloudevents-batch+json' }],
        [siteRef, { ...JSON_TYPE, ...headers }],
        [eventList(auditEvent('patch', ref)), JSON_TYPE],
      ]
      for (const [body, type] of ways) {
        await ingress.set({})
        const answer = await post(body, type)
        assert.deepEqual(
          [answer.status, answer.body, await sent()],
          [202, { accepted: 1, ignored: 0 }, [wake]],
        )
      }
      const nameless = await post(eventList(auditEvent('deletecollection', { ...ref, name: undefined })))
      assert.deepEqual(nameless.body, {
        accepted: 0,
        ignored: 1,
        because: { 'no name (a deletecollection, or a create by generateName)': 1 },
      })
    })

    it('takes a batch that is signed with a key, and not with its body changed', async () => {
      const body = JSON.stringify(docs)
      assert.equal((await post(body, { ...JSON_TYPE, authorization: await sign(body) })).status, 202)
      assert.equal((await post(body, { ...JSON_TYPE, authorization: await sign(`${body} `) })).status, 401)
      assert.equal((await sent()).length, 1)
    })

    it('reads what is signed as it was signed, and takes no signed event whose attributes are headers', async () => {
      const event = JSON.stringify(knative('ref.update', siteRef))
      const structured = { 'content-type': 'application/cloudevents+json' }
      const send = async (format: string, headers: Record<string, string>) =>
        (await post(event, { ...headers, authorization: await sign(event, format) })).status
      assert.equal(await send('cloudevent', structured), 202)
      assert.equal(await send('json', structured), 401)
      assert.equal(await send('cloudevent', JSON_TYPE), 401)
      for (const format of ['json', 'binary'])
        assert.equal(await send(format, { ...JSON_TYPE, 'ce-specversion': '1.0' }), 415)
      assert.equal((await sent()).length, 1)
    })

    it('answers 401, always the same, to whoever it does not know, whatever they send', async () => {
      const wrong = [
        '',
        'Bearer',
        'Bearer x.y.z',
        'Basic YTpi',
        `Bearer ${await issuer.token({ aud: 'else' })}`,
        `Bearer ${await issuer.token({ sub: 'system:serviceaccount:fairlead:other' })}`,
        `Bearer ${await issuer.token({ iss: 'https://else.example.com' })}`,
        `Bearer ${await issuer.token({ exp: Math.floor(Date.now() / 1000) - 61 })}`,
      ]
      for (const authorization of wrong)
        for (const body of [docs, 'no JSON', '']) {
          const answer = await post(body, { ...JSON_TYPE, authorization })
          assert.deepEqual([answer.status, answer.body], [401, UNKNOWN], authorization)
          assert.equal(answer.headers.get('www-authenticate'), 'Bearer, Fairlead-HMAC-SHA256')
        }
      const seen = await ingress.seen()
      assert.deepEqual(seen.sent, [])
      assert.equal(seen.happenings.length, 3 * wrong.length)
      for (const one of seen.happenings)
        assert.ok(one.type === 'received' && one.code === 401 && one.sender === undefined)
    })

    it('knows a token until it has expired, and a signature for five minutes', async () => {
      const body = JSON.stringify(docs)
      const token = { ...JSON_TYPE, authorization: `Bearer ${await issuer.token()}` }
      const signed = { ...JSON_TYPE, authorization: await sign(body) }
      const codes: unknown[] = []
      for (const aheadSeconds of [0, 270, 330, 3600, 3700]) {
        await ingress.set({ aheadSeconds })
        codes.push([(await post(body, token)).status, (await post(body, signed)).status])
        assert.equal(
          (await sent()).length,
          codes
            .flat()
            .slice(-2)
            .filter((code) => code === 202).length,
        )
      }
      const expired = [401, 401]
      assert.deepEqual(codes, [[202, 202], [202, 202], [202, 401], [202, 401], expired])
    })

    it('answers 403 for a message of another cluster, and sends none', async () => {
      const messages = [wakeMessage('docs'), { ...wakeMessage('docs'), cluster: 'west' }]
      const { status, body } = await post({ messages })
      assert.equal(status, 403)
      assert.deepEqual(body.problems, [{ index: 1, field: 'cluster', rule: "must be the sender's" }])
      assert.deepEqual(await sent(), [])
    })

    it('answers 422 for a message of a controller that the operator has not, and sends none', async () => {
      const { status, body } = await post({
        messages: [wakeMessage('docs'), { ...wakeMessage('docs'), controller: 'nobody' }],
      })
      const rule = 'must be one of operator "sites"'
      assert.deepEqual(
        [status, body],
        [
          422,
          {
            error: `nothing is taken: entry 1: controller: ${rule}`,
            problems: [{ index: 1, field: 'controller', rule }],
          },
        ],
      )
      assert.deepEqual(await sent(), [])
    })

    it('refuses what it cannot read, with the rule, and sends nothing of it', async () => {
      const good = JSON.stringify(docs)
      const deep = `{"messages":${'['.repeat(300)}${']'.repeat(300)}}`
      const text = { 'content-type': 'text/plain' }
      const tooLarge = /^the body must be 1048576 bytes at most$/
      const cases: [string, string | Uint8Array, Record<string, string>, number, RegExp][] = [
        ['empty', '', JSON_TYPE, 400, /^the body is empty$/],
        ['truncated', good.slice(0, -2), JSON_TYPE, 400, /^the body is not JSON$/],
        ['deep', deep, JSON_TYPE, 400, /^the body is nested more than 200 levels deep$/],
        ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), JSON_TYPE, 400, /^the body is not UTF-8$/],
        ['large', Buffer.alloc(MOST_BYTES + 1, ' '), JSON_TYPE, 413, tooLarge],
        ['text', good, text, 415, /^content type must be application\/json, /],
        ['latin', good, { 'content-type': 'application/json; charset=latin1' }, 415, /^content type must be/],
        ['zipped', good, { ...JSON_TYPE, 'content-encoding': 'gzip' }, 415, /and not encoded;/],
        ['no batch', '[]', JSON_TYPE, 400, /^nothing is taken: body: Invalid input/],
        ['polluting', '{"__proto__":{"messages":[]}}', JSON_TYPE, 400, /body.messages/],
        ['binary, partly', '{}', { ...JSON_TYPE, 'ce-specversion': '1.0' }, 422, /entry 0: id: /],
      ]
      for (const [name, body, headers, code, message] of cases) {
        const answer = await post(body, headers)
        assert.equal(answer.status, code, name)
        assert.match(String(answer.body.error), message, name)
      }
      assert.deepEqual(await sent(), [])
      assert.equal((await post(good)).status, 202)
    })

    it('refuses a body that does not say how large it is as soon as it is too large', async () => {
      const piece = new Uint8Array(64 * 1024).fill(32)
      let left = MOST_BYTES / piece.length + 1
      const body = new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(piece)
          else controller.close()
        },
      })
      const headers = { ...JSON_TYPE, authorization: `Bearer ${await issuer.token()}` }
      const answer = await told({ body, headers, duplex: 'half' })
      assert.deepEqual(
        [answer.status, answer.body],
        [413, { error: 'the body must be 1048576 bytes at most' }],
      )
      assert.deepEqual(await sent(), [])
    })

    it('gives up on a body that does not come', { skip: whole.because ?? false }, async () => {
      await ingress.set({ haste: 100 })
      const leaving = new AbortController()
      const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) })
      const headers = { ...JSON_TYPE, authorization: `Bearer ${await issuer.token()}` }
      const answer = await told({ body, headers, duplex: 'half', signal: leaving.signal })
      leaving.abort()
      assert.deepEqual([answer.status, answer.body], [408, { error: 'the body did not arrive within 10 s' }])
    })

    it('sends nothing of a batch with one bad entry, and names it; of many it names some', async () => {
      const messages = [wakeMessage('docs'), { ...wakeMessage('docs'), name: '' }]
      const { status, body } = await post({ messages })
      assert.equal(status, 422)
      assert.match(String(body.error), /^nothing is taken: entry 1: name: /)
      const many = await post({ messages: Array(900).fill({}) })
      assert.equal((many.body.problems as unknown[]).length, 16)
      assert.equal((await post({ messages: Array(1001).fill(wakeMessage('docs')) })).status, 413)
      assert.deepEqual(await sent(), [])
    })

    it('answers 503 while the queue does not take it, so that the sender sends it again', async () => {
      await ingress.set({ failure: 'throttled' })
      const { status, headers, body } = await post(docs)
      assert.deepEqual([status, headers.get('retry-after')], [503, '5'])
      assert.deepEqual(body, { error: 'the queue does not take it' })
      const detail = 'the queue does not take it: throttled'
      assert.deepEqual((await ingress.seen()).happenings, [
        { type: 'received', sender: 'east', code: 503, accepted: 0, ignored: 0, detail },
      ])
      await ingress.set({})
      assert.equal((await post(docs)).status, 202)
      assert.deepEqual(await sent(), docs.messages)
    })

    it('answers 503 while the keys of an issuer cannot be had, and holds nothing then', async () => {
      const headers = { ...JSON_TYPE, authorization: `Bearer ${await issuer.token({}, { kid: 'new' })}` }
      issuer.serves.set('/openid/v1/jwks', 500)
      const answer = await post(docs, headers)
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'])
      assert.deepEqual(answer.body, { error: 'who is asking cannot be checked now' })
      assert.deepEqual(await sent(), [])
      await issuer.publish('k1', 'new')
      assert.equal((await post(docs, headers)).status, 202)
    })

    it('is healthy, and answers 404 to every other path and method', async () => {
      assert.equal(await (await ingress.send('/healthz')).text(), 'ok')
      assert.equal((await ingress.send('/changes')).status, 404)
      assert.equal((await ingress.send('/change', { method: 'POST' })).status, 404)
    })

    it('reports neither tokens nor what was in a body', async () => {
      await post({ messages: [{ ...wakeMessage('docs'), causes: [7], name: 'marked' }] })
      await post('{"marked":', JSON_TYPE)
      const { happenings } = await ingress.seen()
      assert.equal(happenings.length, 2)
      assert.doesNotMatch(JSON.stringify(happenings), /marked|eyJ/)
    })
  })
}
