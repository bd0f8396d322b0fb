/** Our own batches by webhook, as plain data: what becomes a message, and what is refused for which rule. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accept, MOST_ENTRIES } from '../lib/ingress.ts'
import type { Message } from '../lib/index.ts'
import { accepted, json, operator, refused } from './ingress.rig.ts'
import { wakeMessage } from './ingress.samples.ts'

describe('ingress: our own messages', () => {
  it('takes them as they are, without what no message has', () => {
    const message: Message = {
      ...wakeMessage('docs'),
      resourceVersion: '7',
      origin: 'u-1:7',
      causes: ['generation 3'],
    }
    const body = JSON.parse(JSON.stringify({ messages: [{ ...message, stranger: 1 }] }))
    assert.deepEqual(accepted(json(body)).messages, [message])
    assert.deepEqual(accepted(json({ messages: [] })).messages, [])
  })

  it('refuses all for one that is malformed, and names entry, field and rule', () => {
    const good = wakeMessage('docs')
    const entries = [
      good,
      { ...good, version: 2 },
      { ...good, name: '' },
      { ...good, controller: 'sight' },
      { ...good, namespace: 'De|fault' },
      { ...good, name: '../secrets' },
      { ...good, name: 'a|b' },
      'text',
      { ...good, causes: 'no list' },
      { ...good, attempt: -1 },
    ]
    const { code, problems } = refused(json({ messages: entries }))
    assert.equal(code, 422)
    assert.deepEqual(
      problems.map(({ index, field, rule }) => `${index} ${field}: ${rule}`),
      [
        '1 version: Invalid input: expected 1',
        '2 name: Too small: expected string to have >=1 characters',
        '3 controller: must be one of operator "sites"',
        '4 namespace: must be an RFC 1123 label',
        '5 name: must not be a path, and have no "|" and no control characters',
        '6 name: must not be a path, and have no "|" and no control characters',
        '7 entry: Invalid input: expected object, received string',
        '8 causes: Invalid input: expected array, received string',
        '9 attempt: Too small: expected number to be >=0',
      ],
    )
  })

  it('refuses all for one of another cluster, whatever the others are', () => {
    const { code, problems } = refused(
      json({ messages: [wakeMessage('docs'), { ...wakeMessage('docs'), cluster: 'west' }] }),
    )
    assert.equal(code, 403)
    assert.deepEqual(problems, [{ index: 1, field: 'cluster', rule: "must be the sender's" }])
  })

  it('refuses what is no batch, and one that is too long', () => {
    for (const body of [null, 1, 'text', [], {}, { messages: {} }, { kind: 'EventList' }])
      assert.equal(refused(json(body)).code, 400, JSON.stringify(body))
    assert.equal(
      refused(json({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1beta1', items: [] })).code,
      400,
    )
    const many = (length: number) => json({ messages: Array.from({ length }, () => wakeMessage('docs')) })
    assert.equal(accepted(many(MOST_ENTRIES)).messages.length, MOST_ENTRIES)
    assert.equal(refused(many(MOST_ENTRIES + 1)).code, 413)
    assert.equal(refused(accept(Array(1001).fill({}), 'cloudevents', operator, 'east')).code, 413)
    assert.equal(refused(accept({}, 'cloudevents', operator, 'east')).code, 400)
  })

  it('counts no tries of the sender, and takes no time of its clock, and no delay of more than a year', () => {
    const year = 365 * 24 * 3600
    const sent = { ...wakeMessage('docs'), attempt: 1_000_000, notBefore: 1e300, delaySeconds: year }
    const { messages } = accepted(json({ messages: [sent] }))
    assert.deepEqual(messages, [{ ...wakeMessage('docs'), delaySeconds: year }])
    const { code, problems } = refused(json({ messages: [{ ...sent, delaySeconds: year + 1 }] }))
    assert.deepEqual(
      [code, problems],
      [422, [{ index: 0, field: 'delaySeconds', rule: 'Too big: expected number to be <=31536000' }]],
    )
  })

  it('takes names that mean something to JavaScript as names', () => {
    const text = JSON.stringify({ messages: [wakeMessage('docs')] })
    const body = JSON.parse(text.replace('{"version"', '{"__proto__":{"attempt":7},"version"'))
    const [message] = accepted(json(body)).messages
    assert.deepEqual(message, wakeMessage('docs'))
    assert.equal(Object.getPrototypeOf(message), Object.prototype)
    assert.equal(refused(json(JSON.parse('{"__proto__":{"messages":[]}}'))).code, 400)
  })
})
