/** Changes that others have seen, by webhook, as plain data: what becomes a message, and what is ignored or refused. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accept } from '../lib/ingress.ts'
import { accepted, event, ignored, json, keys, operator, refused, siteRef } from './ingress.rig.ts'
import { auditEvent, eventList, knative, wakeMessage } from './ingress.samples.ts'

describe('ingress: CloudEvents of an ApiServerSource', () => {
  it('wakes the controllers of a primary kind, whatever its version', () => {
    const ref = { ...siteRef, apiVersion: 'test.fairlead.dev/v7' }
    for (const verb of ['add', 'update', 'delete'])
      assert.deepEqual(keys(event(knative(`ref.${verb}`, ref))), ['site default docs', 'one default docs'])
    const { messages } = accepted(event(knative('ref.update', siteRef)))
    assert.deepEqual(messages[0], { ...wakeMessage('docs'), causes: ['changed'] })
  })

  it('tells the version that was seen as origin, of a deletion none, and never as a bound for the read', () => {
    const origins = (type: string, data: unknown) =>
      accepted(event(knative(type, data))).messages.map(({ origin, resourceVersion }) => [
        origin,
        resourceVersion,
      ])
    const ref = { ...siteRef, name: 'home', uid: 'u-1', resourceVersion: '7' }
    assert.deepEqual(origins('ref.add', ref), [['u-1:7', undefined]])
    assert.deepEqual(origins('ref.delete', ref), [[undefined, undefined]])
    const { apiVersion, kind, ...metadata } = ref
    assert.deepEqual(origins('resource.update', { apiVersion, kind, metadata, spec: {} }), [
      ['u-1:7', undefined],
    ])
  })

  it('tells the worker of a watched kind, which maps it', () => {
    const { messages } = accepted(
      event(knative('ref.update', { apiVersion: 'v1', kind: 'Secret', namespace: 'a', name: 's' })),
    )
    const told = { ...wakeMessage('s'), namespace: 'a', related: 'Secret', causes: ['Secret s changed'] }
    assert.deepEqual(messages, [told])
  })

  it('wakes the owner of an owned object that it is given, and says that of a reference it cannot', () => {
    const owner = {
      apiVersion: 'test.fairlead.dev/v1',
      kind: 'Site',
      name: 'docs',
      uid: 'u-1',
      controller: true,
    }
    const object = (ownerReferences: unknown[]) =>
      event(
        knative('resource.update', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'page', namespace: 'default', ownerReferences },
        }),
      )
    assert.deepEqual(keys(object([owner])), ['site default docs'])
    assert.deepEqual(keys(object([{ ...owner, controller: false }])), [])
    assert.deepEqual(keys(object([{ ...owner, kind: 'Shop' }])), [])
    assert.deepEqual(
      ignored(
        event(knative('ref.update', { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'x' })),
      ),
      {
        'an owned kind, and nobody says who the owner is': 1,
      },
    )
  })

  it('keeps to the namespaces of a controller, and to what it selects, as far as a key tells', () => {
    const deployment = (namespace: string) =>
      event(knative('ref.update', { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' }))
    assert.deepEqual(keys(deployment('b')), ['two b web'])
    assert.deepEqual(ignored(deployment('c')), { 'a namespace that is not selected': 1 })
    assert.deepEqual(keys(event(knative('ref.update', { ...siteRef, name: 'home' }))), ['site default home'])
    const away = { ...siteRef, namespace: 'away', name: 'home' }
    assert.deepEqual(keys(event(knative('ref.update', away))), ['site away home', 'rest away home'])
    const child = (namespace: string) => {
      const owner = {
        apiVersion: 'test.fairlead.dev/v1',
        kind: 'Site',
        name: 'home',
        uid: 'u-1',
        controller: true,
      }
      const metadata = { name: 'web', namespace, ownerReferences: [owner] }
      return event(knative('resource.update', { apiVersion: 'apps/v1', kind: 'Deployment', metadata }))
    }
    assert.deepEqual([keys(child('away')), keys(child('default'))], [['rest away home'], []])
  })

  it('drops the namespace of what has none, and refuses a namespaced object without', () => {
    const space = { apiVersion: 'v1', kind: 'Namespace', namespace: 'a', name: 'a' }
    assert.deepEqual(keys(event(knative('ref.add', space))), ['spaces a'])
    const { code, problems } = refused(event(knative('ref.add', { ...siteRef, namespace: '' })))
    assert.deepEqual(
      [code, problems],
      [422, [{ index: 0, field: 'namespace', rule: 'must be given: Site is namespaced' }]],
    )
  })

  it('ignores other types and kinds, and refuses all for one that is malformed', () => {
    const batch = (...events: unknown[]) => accept(events, 'cloudevents', operator, 'east')
    const good = knative('ref.add', siteRef)
    const other = batch(
      good,
      { ...good, type: 'com.example.order' },
      knative('ref.add', { ...siteRef, kind: 'Shop' }),
    )
    assert.equal(accepted(other).messages.length, 2)
    assert.deepEqual(ignored(other), { 'another type of event': 1, 'a kind that no controller looks at': 1 })
    const { code, problems } = refused(
      batch(
        good,
        { ...good, specversion: '0.3' },
        { ...good, data: 'text' },
        { ...good, data: { ...siteRef, name: undefined } },
        [],
      ),
    )
    assert.equal(code, 422)
    assert.deepEqual(problems.map(({ index, field }) => `${index} ${field}`).slice(0, 3), [
      '1 specversion',
      '2 data',
      '3 data.name',
    ])
    assert.ok(problems.some(({ index }) => index === 4))
  })

  it('makes one message of several changes of one key; the later of one object stands for both, in whatever order they come', () => {
    const seen = (resourceVersion: string) =>
      knative('ref.update', { ...siteRef, name: 'home', uid: 'u-1', resourceVersion })
    for (const two of [
      [seen('7'), seen('8')],
      [seen('8'), seen('7')],
    ])
      assert.deepEqual(
        accepted(accept(two, 'cloudevents', operator, 'east')).messages.map(({ origin }) => origin),
        ['u-1:8'],
      )
    const again = knative('ref.update', { ...siteRef, name: 'home', uid: 'u-2', resourceVersion: '9' })
    const [merged] = accepted(accept([seen('8'), again], 'cloudevents', operator, 'east')).messages
    assert.ok(
      merged?.origin !== undefined && !['u-1:8', 'u-2:9'].includes(merged.origin),
      'no duplicate of either',
    )
    const same = accept([seen('7'), seen('7')], 'cloudevents', operator, 'east')
    assert.deepEqual(
      accepted(same).messages.map(({ origin }) => origin),
      ['u-1:7'],
    )
  })
})

describe('ingress: audit events', () => {
  const list = (...items: unknown[]) => json(eventList(...items))
  const ref = {
    resource: 'sites',
    apiGroup: 'test.fairlead.dev',
    apiVersion: 'v1',
    namespace: 'default',
    name: 'home',
  }

  it('wakes for writes that succeeded, by the plural of the kind', () => {
    for (const verb of ['create', 'update', 'patch', 'delete'])
      assert.deepEqual(keys(list(auditEvent(verb, ref))), ['site default home'], verb)
    const core = { resource: 'secrets', namespace: 'a', name: 's', apiVersion: 'v1' }
    assert.deepEqual(keys(list(auditEvent('patch', core))), ['site Secret a s'])
    const scale = {
      resource: 'deployments',
      apiGroup: 'apps',
      namespace: 'a',
      name: 'web',
      subresource: 'scale',
    }
    assert.deepEqual(keys(list(auditEvent('patch', scale))), ['two a web'])
    assert.deepEqual(accepted(list()).messages, [])
  })

  it('ignores reads, other stages, failures, connections, and the status of a primary', () => {
    const good = auditEvent('update', ref)
    const items = [
      auditEvent('get', ref),
      auditEvent('__proto__', ref),
      { ...good, stage: 'RequestReceived' },
      { ...good, responseStatus: { code: 409 } },
      { ...good, responseStatus: undefined },
      { ...good, objectRef: undefined },
      auditEvent('create', { resource: 'pods', namespace: 'a', name: 'p', subresource: 'exec' }),
      auditEvent('update', { ...ref, subresource: 'status' }),
    ]
    assert.deepEqual(accepted(list(...items)).messages, [])
    assert.deepEqual(ignored(list(...items)), {
      'a verb that changes nothing': 2,
      'another stage': 1,
      'a request that failed': 2,
      'no object': 2,
      'a status': 1,
    })
  })

  it('tells of a status where the kind is watched', () => {
    const status = { resource: 'secrets', namespace: 'a', name: 's', subresource: 'status' }
    assert.deepEqual(keys(list(auditEvent('update', status))), ['site Secret a s'])
  })

  it('finds the name that was generated in the answer, and says so where there is none', () => {
    const { name: _, ...nameless } = ref
    const stored = (name: string) => ({
      apiVersion: 'test.fairlead.dev/v1',
      kind: 'Site',
      metadata: { name, namespace: 'default', uid: 'u-1', resourceVersion: '9' },
    })
    const found = list({ ...auditEvent('create', nameless), responseObject: stored('home') })
    assert.deepEqual(
      accepted(found).messages.map(({ name, origin }) => [name, origin]),
      [['home', 'u-1:9']],
    )
    const lost = list(auditEvent('create', nameless), auditEvent('deletecollection', nameless))
    assert.deepEqual(ignored(lost), { 'no name (a deletecollection, or a create by generateName)': 2 })
  })

  it('believes an answer only about the object that was asked for', () => {
    const origin = (responseObject: unknown, resourceVersion = '3') =>
      accepted(
        list({ ...auditEvent('update', { ...ref, uid: 'u-1', resourceVersion }), responseObject }),
      ).messages.map((message) => message.origin)
    const metadata = { name: 'home', uid: 'u-1', resourceVersion: '9' }
    assert.deepEqual(origin({ apiVersion: 'test.fairlead.dev/v1', kind: 'Site', metadata }), ['u-1:9'])
    assert.deepEqual(origin(undefined), [undefined])
    assert.deepEqual(origin({ apiVersion: 'v1', kind: 'Status', metadata: {} }), [undefined])
    const part = { ...auditEvent('update', { ...ref, subresource: 'seats' }) }
    const answer = { apiVersion: 'test.fairlead.dev/v1', kind: 'Seats', metadata }
    const [message] = accepted(list({ ...part, responseObject: answer })).messages
    assert.deepEqual([message?.origin, message?.causes], [undefined, ['changed']])
    assert.deepEqual(origin({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata }), [undefined])
  })

  it('ignores a name that no key can hold, and refuses all for an event that is malformed', () => {
    const odd = list(auditEvent('update', { ...ref, name: 'a|b' }), auditEvent('update', ref))
    assert.equal(accepted(odd).messages.length, 1)
    const { code, problems } = refused(list(auditEvent('update', ref), { stage: 7 }))
    assert.deepEqual([code, problems[0]?.index, problems[0]?.field], [422, 1, 'stage'])
  })
})
