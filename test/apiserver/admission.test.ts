import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import { allow as allowTo, createAccount, group } from './access.ts'
import { CONFIGMAPS, configMap, defineWidgets, gone, startServer, WIDGETS, widget } from './client.ts'
import {
  allow,
  type Call,
  configure,
  deny,
  hook,
  MUTATING,
  patch,
  rule,
  startWebhooks,
  VALIDATING,
} from './webhooks.ts'

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
}

/** A promise and what settles it. */
function gate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, passed }
}

describe('admission webhooks of the embedded API server', () => {
  it('asks mutating ones in order of name, each with what the earlier ones made, then validating ones', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {
      '/one': () => patch({ op: 'add', path: '/data/one', value: '1' }),
      '/two': () => patch({ op: 'add', path: '/data/two', value: '2' }),
    })
    await configure(api, MUTATING, 'b', hook(hooks.url, 'two'))
    await configure(api, MUTATING, 'a', hook(hooks.url, 'one'))
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'check'))
    const { body } = await api.post(CONFIGMAPS, configMap('c', { x: '0' }))
    assert.deepEqual(body.data, { x: '0', one: '1', two: '2' })
    assert.deepEqual(hooks.paths(), ['/one', '/two', '/check'])
    const [one, two, check] = hooks.calls.map(({ review }) => review.request.object)
    assert.deepEqual([one?.metadata.uid, one?.data], [undefined, { x: '0' }])
    assert.deepEqual(two?.data, { x: '0', one: '1' })
    assert.deepEqual([check?.metadata.uid, check?.data], [body.metadata.uid, body.data])
  })

  it('does not give what a webhook adds to the manager of the request', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, { '/m': () => patch({ op: 'add', path: '/data/m', value: '1' }) })
    await configure(api, MUTATING, 'a', hook(hooks.url, 'm'))
    const { body } = await api.post(CONFIGMAPS, configMap('c', { x: '0' }))
    assert.equal(body.data.m, '1')
    assert.doesNotMatch(JSON.stringify(body.metadata.managedFields), /f:m"/)
  })

  it('asks again those that wish so when a later one changes the object, once', async (t) => {
    const api = await startServer(t)
    const count = ({ review }: Call) => String(Object.keys(review.request.object?.data ?? {}).length)
    const hooks = await startWebhooks(t, {
      '/first': (call) => patch({ op: 'add', path: `/data/first${count(call)}`, value: '' }),
      '/second': () => patch({ op: 'add', path: '/data/second', value: '' }),
    })
    await configure(
      api,
      MUTATING,
      'a',
      hook(hooks.url, 'first', { reinvocationPolicy: 'IfNeeded' }),
      hook(hooks.url, 'never'),
      hook(hooks.url, 'second', { reinvocationPolicy: 'IfNeeded' }),
    )
    await api.post(CONFIGMAPS, configMap('c', { x: '' }))
    assert.deepEqual(hooks.paths(), ['/first', '/never', '/second', '/first'])
  })

  it('leaves out those whose selectors, rules or conditions do not fit', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    const only = (name: string, more: object) => hook(hooks.url, name, more)
    await configure(
      api,
      VALIDATING,
      'a',
      only('update', { rules: [rule(['UPDATE'], ['configmaps'])] }),
      only('group', { rules: [rule(['*'], ['*'], 'apps')] }),
      only('scope', { rules: [{ ...rule(['*'], ['*']), scope: 'Cluster' }] }),
      only('sub', { rules: [rule(['*'], ['configmaps/status', 'pods/*'])] }),
      only('elsewhere', { namespaceSelector: { matchLabels: { no: 'such' } } }),
      only('here', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } }),
      only('labelled', { objectSelector: { matchExpressions: [{ key: 'l', operator: 'Exists' }] } }),
      only('unless', { matchConditions: [{ name: 'a', expression: "request.operation != 'CREATE'" }] }),
      only('when', { matchConditions: [{ name: 'a', expression: "object.data.x == '1'" }] }),
    )
    await api.post(CONFIGMAPS, configMap('c', { x: '1' }))
    assert.deepEqual(hooks.paths().sort(), ['/here', '/when'])
    hooks.calls.length = 0
    await api.merge(`${CONFIGMAPS}/c`, { data: { x: '2' }, metadata: { labels: { l: '' } } })
    assert.deepEqual(hooks.paths().sort(), ['/here', '/labelled', '/unless', '/update'])
    hooks.calls.length = 0
    await api.merge(`${CONFIGMAPS}/c`, { metadata: { labels: null } })
    assert.ok(hooks.paths().includes('/labelled'), 'the object as it was counts too')
  })

  it('refuses when a condition cannot be evaluated, and skips a webhook that may be ignored', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    const matchConditions = [{ name: 'a', expression: 'object.nope.deep == 1' }]
    await configure(
      api,
      VALIDATING,
      'a',
      hook(hooks.url, 'ignored', { matchConditions, failurePolicy: 'Ignore' }),
    )
    assert.equal((await api.post(CONFIGMAPS, configMap('a'))).status, 201)
    await configure(api, VALIDATING, 'b', hook(hooks.url, 'failing', { matchConditions }))
    const { body } = await api.post(CONFIGMAPS, configMap('b'))
    assert.deepEqual([body.code, body.reason], [403, 'Forbidden'])
    assert.match(body.message, /^configmaps "b" is forbidden: expression 'object.nope.deep == 1' resulted in/)
    assert.deepEqual(hooks.calls, [])
  })

  it('passes on a refusal with its code, reason and details; warnings come with it', async (t) => {
    const api = await startServer(t)
    const details = { name: 'x', causes: [{ reason: 'FieldValueInvalid', message: 'no', field: 'data.x' }] }
    const status = { code: 422, reason: 'Invalid', message: 'not like this', details }
    const hooks = await startWebhooks(t, {
      '/v': () => ({ allowed: false, status, warnings: ['mind this'] }),
    })
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v'))
    const { body, headers } = await api.post(CONFIGMAPS, configMap('c'))
    assert.deepEqual([body.code, body.reason, body.details], [422, 'Invalid', details])
    assert.equal(body.message, 'admission webhook "v.hooks.example.com" denied the request: not like this')
    assert.equal(headers.warning, '299 - "mind this"')
    assert.equal((await api.get(`${CONFIGMAPS}/c`)).status, 404)
  })

  it('fails or goes on without a webhook that cannot be asked, as its failurePolicy says', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {
      '/broken': () => {
        throw new Error('broken')
      },
    })
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'broken', { failurePolicy: 'Ignore' }))
    await configure(api, MUTATING, 'a', hook(hooks.url, 'broken', { failurePolicy: 'Ignore' }))
    assert.equal((await api.post(CONFIGMAPS, configMap('a'))).status, 201)
    assert.equal(hooks.calls.length, 2)
    await configure(api, VALIDATING, 'b', hook(hooks.url, 'broken', { failurePolicy: 'Fail' }))
    const { body } = await api.post(CONFIGMAPS, configMap('b'))
    assert.deepEqual([body.code, body.reason], [500, 'InternalError'])
    assert.match(
      body.message,
      /^Internal error occurred: failed calling webhook "broken.hooks.example.com": /,
    )
  })

  it('trusts the certificates of caBundle only', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    const clientConfig = { url: `${hooks.url}/v` }
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { clientConfig }))
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    assert.match(body.message, /x509: certificate signed by unknown authority$/)
    assert.deepEqual(hooks.calls, [])
  })

  it('fails for certificates that cannot be read, and lives on', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    for (const [name, text] of [
      ['none', 'no certificate'],
      ['broken', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ] as const) {
      const bundle = Buffer.from(text).toString('base64')
      const clientConfig = { url: `${hooks.url}/v`, caBundle: bundle }
      await configure(api, VALIDATING, name, hook(hooks.url, name, { clientConfig }))
      const { body } = await api.post(CONFIGMAPS, configMap('a'))
      assert.deepEqual([body.code, body.reason], [500, 'InternalError'])
      assert.match(body.message, new RegExp(`failed calling webhook "${name}.hooks.example.com": `))
      await api.remove(`${VALIDATING}/${name}`)
    }
    assert.equal((await api.post(CONFIGMAPS, configMap('a'))).status, 201)
    assert.deepEqual(hooks.calls, [])
  })

  it('says of a Service that is not there what the real server says', async (t) => {
    const api = await startServer(t)
    const clientConfig = { service: { namespace: 'default', name: 'svc', path: '/x' } }
    await configure(api, VALIDATING, 'a', hook('', 'v', { clientConfig, timeoutSeconds: 3 }))
    const { body } = await api.post(CONFIGMAPS, configMap('a'))
    assert.match(
      body.message,
      /failed to call webhook: Post "https:\/\/svc\.default\.svc:443\/x\?timeout=3s": service "svc" not found$/,
    )
  })

  it('gives up after timeoutSeconds', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    const arrived = gate()
    const hooks = await startWebhooks(t, {
      '/slow': () => {
        arrived.open()
        return new Promise(() => {})
      },
    })
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'slow', { timeoutSeconds: 7 }))
    const answer = api.post(CONFIGMAPS, configMap('a'))
    await arrived.passed
    assert.equal(hooks.calls[0]?.query, '?timeout=7s')
    await clock.advance(7_000)
    const { body } = await answer
    assert.match(body.message, /slow\?timeout=7s": context deadline exceeded$/)
  })

  it('answers within the timeout of the request, whatever webhooks may take', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    const arrived = gate()
    const hooks = await startWebhooks(t, {
      '/slow': () => {
        arrived.open()
        return new Promise(() => {})
      },
    })
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'slow', { failurePolicy: 'Ignore' }))
    const answer = api.post(`${CONFIGMAPS}?timeout=2s`, configMap('a'))
    await arrived.passed
    assert.equal(hooks.calls[0]?.query, '?timeout=2s')
    await clock.advance(2_000)
    const { body } = await answer
    assert.deepEqual([body.code, body.reason], [504, 'Timeout'])
  })

  it('updates what came to be while an apply that would have created it was waiting', async (t) => {
    const api = await startServer(t)
    const [arrived, released] = [gate(), gate()]
    const hooks = await startWebhooks(t, {
      '/v': async () => {
        arrived.open()
        await released.passed
        return allow
      },
    })
    const matchConditions = [{ name: 'slow', expression: "'slow' in object.data" }]
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { matchConditions }))
    const slow = api.apply(`${CONFIGMAPS}/c`, configMap('c', { slow: 'yes' }), 'one')
    await arrived.passed
    await api.post(CONFIGMAPS, configMap('c', { quick: 'yes' }))
    released.open()
    const { status, body } = await slow
    assert.deepEqual([status, body.data], [200, { slow: 'yes', quick: 'yes' }])
    assert.deepEqual(
      hooks.calls.map(({ review }) => review.request.operation),
      ['CREATE', 'UPDATE'],
    )
  })

  it('tells of a dry run, and stores nothing', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {
      '/m': () => patch({ op: 'add', path: '/data', value: { m: '1' } }),
    })
    await configure(api, MUTATING, 'a', hook(hooks.url, 'm'))
    const { body } = await api.post(`${CONFIGMAPS}?dryRun=All&fieldManager=me`, configMap('a'))
    assert.deepEqual(body.data, { m: '1' })
    const request = hooks.calls[0]?.review.request
    assert.equal(request?.dryRun, true)
    assert.deepEqual(request?.options, {
      kind: 'CreateOptions',
      apiVersion: 'meta.k8s.io/v1',
      dryRun: ['All'],
      fieldManager: 'me',
    })
    assert.equal((await api.get(`${CONFIGMAPS}/a`)).status, 404)
  })

  it('never asks about the configurations themselves, so that every webhook can be got rid of', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, { '/no': () => deny('nothing at all') })
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }]
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'no', { rules }))
    assert.equal((await api.post(CONFIGMAPS, configMap('a'))).status, 400)
    assert.equal((await api.merge(`${VALIDATING}/a`, { metadata: { labels: { x: 'y' } } })).status, 200)
    assert.equal((await api.remove(`${VALIDATING}/a`)).status, 200)
    assert.equal((await api.post(CONFIGMAPS, configMap('a'))).status, 201)
  })

  it('begins a patch again when another write comes first while a webhook thinks', async (t) => {
    const api = await startServer(t)
    const [arrived, released] = [gate(), gate()]
    const hooks = await startWebhooks(t, {
      '/v': async () => {
        arrived.open()
        await released.passed
        return allow
      },
    })
    await api.post(CONFIGMAPS, configMap('c', { x: '1' }))
    const matchConditions = [{ name: 'slow', expression: "'slow' in object.data" }]
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { matchConditions }))
    const slow = api.merge(`${CONFIGMAPS}/c`, { data: { slow: 'yes' } })
    await arrived.passed
    assert.equal((await api.merge(`${CONFIGMAPS}/c`, { data: { quick: 'yes' } })).status, 200)
    released.open()
    const { status, body } = await slow
    assert.deepEqual([status, body.data], [200, { x: '1', slow: 'yes', quick: 'yes' }])
    assert.deepEqual(
      hooks.calls.map(({ review }) => review.request.object?.data.quick),
      [undefined, 'yes'],
    )
  })

  it('loses none of many writes that wait for webhooks at the same time', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    await api.post(CONFIGMAPS, configMap('c'))
    await configure(api, MUTATING, 'a', hook(hooks.url, 'm'))
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v'))
    const keys = Array.from({ length: 12 }, (_, index) => `k${index}`)
    await Promise.all(keys.map((key) => api.merge(`${CONFIGMAPS}/c`, { data: { [key]: 'yes' } })))
    const { data } = (await api.get(`${CONFIGMAPS}/c`)).body
    assert.deepEqual(Object.keys(data).sort(), keys.sort())
  })

  it('answers a PUT of an older version with a conflict when it was overtaken meanwhile', async (t) => {
    const api = await startServer(t)
    const [arrived, released] = [gate(), gate()]
    const hooks = await startWebhooks(t, {
      '/v': async () => {
        arrived.open()
        await released.passed
        return allow
      },
    })
    const { body } = await api.post(CONFIGMAPS, configMap('c'))
    await configure(
      api,
      VALIDATING,
      'a',
      hook(hooks.url, 'v', { objectSelector: { matchLabels: { slow: 'yes' } } }),
    )
    const metadata = { ...body.metadata, labels: { slow: 'yes' } }
    const slow = api.put(`${CONFIGMAPS}/c`, { ...body, metadata })
    await arrived.passed
    await api.merge(`${CONFIGMAPS}/c`, { data: { quick: 'yes' } })
    released.open()
    const refused = await slow
    assert.deepEqual([refused.status, refused.body.reason], [409, 'Conflict'])
    assert.deepEqual((await api.get(`${CONFIGMAPS}/c`)).body.data, { quick: 'yes' })
  })

  it('does not store in a kind that goes while a webhook thinks', async (t) => {
    const api = await startServer(t)
    const [arrived, released] = [gate(), gate()]
    const hooks = await startWebhooks(t, {
      '/v': async () => {
        arrived.open()
        await released.passed
        return allow
      },
    })
    await defineWidgets(api)
    await configure(
      api,
      VALIDATING,
      'a',
      hook(hooks.url, 'v', { rules: [rule(['CREATE'], ['widgets'], 'example.com')] }),
    )
    const late = api.post(WIDGETS, widget('w'))
    await arrived.passed
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    await api.remove(`${definitions}/widgets.example.com`)
    await gone(api, definitions, 'widgets.example.com')
    released.open()
    assert.equal((await late).status, 404)
    await defineWidgets(api)
    assert.deepEqual((await api.get(WIDGETS)).body.items, [])
  })

  it('asks about a deletion with the object that is to go, by name or, for a collection, without', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {
      '/v': ({ review }) => (review.request.oldObject?.data?.keep === 'yes' ? deny('keep it') : allow),
    })
    await api.post(CONFIGMAPS, configMap('a'))
    await api.post(CONFIGMAPS, configMap('b'))
    await api.post(CONFIGMAPS, configMap('c', { keep: 'yes' }))
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { rules: [rule(['DELETE'], ['configmaps'])] }))
    assert.equal((await api.remove(`${CONFIGMAPS}/a`, { propagationPolicy: 'Background' })).status, 200)
    const refused = await api.remove(CONFIGMAPS)
    assert.equal(refused.body.message, 'admission webhook "v.hooks.example.com" denied the request: keep it')
    const requests = hooks.calls.map(({ review }) => review.request)
    assert.deepEqual(
      requests.map(({ name, object, oldObject }) => [name, object, oldObject?.metadata.name]),
      [
        ['a', null, 'a'],
        [undefined, null, 'b'],
        [undefined, null, 'c'],
      ],
    )
    assert.equal(requests[0]?.options.propagationPolicy, 'Background')
    const { items } = (await api.get(CONFIGMAPS)).body
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['c'],
    )
  })

  it('asks on behalf of the garbage collector, which tries again when it is refused', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    const refused = gate()
    let isAllowed = false
    const hooks = await startWebhooks(t, {
      '/v': () => {
        refused.open()
        return isAllowed ? allow : deny('not yet')
      },
    })
    const { body } = await api.post(CONFIGMAPS, configMap('owner'))
    const { name, uid } = body.metadata
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }]
    await api.post(CONFIGMAPS, configMap('child', {}, { labels: { held: 'yes' }, ownerReferences }))
    const objectSelector = { matchLabels: { held: 'yes' } }
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { objectSelector }))
    await api.remove(`${CONFIGMAPS}/owner`)
    await refused.passed
    const { userInfo } = hooks.calls[0]?.review.request ?? {}
    assert.equal(userInfo?.username, 'system:serviceaccount:kube-system:generic-garbage-collector')
    assert.equal((await api.get(`${CONFIGMAPS}/child`)).status, 200)
    isAllowed = true
    const watch = await api.watch(`${CONFIGMAPS}?watch=1&labelSelector=held`)
    await watch.next()
    const removed = watch.next()
    while (hooks.calls.length < 2) await clock.advance(1_000)
    assert.equal((await removed)?.type, 'DELETED')
    watch.close()
  })

  it('keeps a namespace until webhooks let its content go, and says why', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    let isAllowed = false
    const hooks = await startWebhooks(t, { '/v': () => (isAllowed ? allow : deny('not yet')) })
    await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } })
    await api.post('/api/v1/namespaces/n/configmaps', configMap('held'))
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v'))
    const watch = await api.watch('/api/v1/namespaces?watch=1&fieldSelector=metadata.name%3Dn')
    await watch.next()
    await api.remove('/api/v1/namespaces/n')
    await watch.next()
    const told = await watch.next()
    assert.match(
      JSON.stringify(told?.object.status),
      /"ContentDeletionFailed","message":.*denied the request: not yet/,
    )
    isAllowed = true
    const removed = watch.next()
    const seen = hooks.calls.length
    while (hooks.calls.length === seen) await clock.advance(1_000)
    assert.match(JSON.stringify((await removed)?.object.status), /"ContentRemoved"/)
    assert.equal((await watch.next())?.type, 'DELETED')
    watch.close()
  })

  it('shows Scales to those that ask for the scale of a kind, and takes their changes', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {
      '/m': () => patch({ op: 'replace', path: '/spec/replicas', value: 5 }),
    })
    const rules = [rule(['UPDATE'], ['deployments/scale'], 'apps')]
    await configure(api, MUTATING, 'a', hook(hooks.url, 'm', { rules }))
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { rules }))
    await api.post(DEPLOYMENTS, deployment)
    const { body } = await api.merge(`${DEPLOYMENTS}/d/scale`, { spec: { replicas: 2 } })
    assert.equal(body.spec.replicas, 5)
    const [first, second] = hooks.calls.map(({ review }) => review.request)
    assert.deepEqual(
      [first?.kind.kind, first?.subResource, first?.object?.spec],
      ['Scale', 'scale', { replicas: 2 }],
    )
    assert.deepEqual([second?.object?.spec, second?.oldObject?.spec], [{ replicas: 5 }, { replicas: 1 }])
  })

  it('speaks v1beta1 to those that know nothing else', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {
      '/old': () => ({ ...patch({ op: 'add', path: '/data', value: { old: '1' } }), patchType: undefined }),
    })
    await configure(
      api,
      MUTATING,
      'a',
      hook(hooks.url, 'old', { admissionReviewVersions: ['v2', 'v1beta1'] }),
    )
    assert.deepEqual((await api.post(CONFIGMAPS, configMap('a'))).body.data, { old: '1' })
    assert.equal(hooks.calls[0]?.review.apiVersion, 'admission.k8s.io/v1beta1')
  })

  it('names the administrator, whom a request acts for, and the account of a token', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v'))
    await api.post(CONFIGMAPS, configMap('a'))
    await allowTo(api, { verbs: ['create'], apiGroups: [''], resources: ['configmaps'] }, group('authors'))
    const headers = {
      'impersonate-user': 'ada',
      'impersonate-group': ['authors', 'poets'],
      'impersonate-uid': '7',
      'impersonate-extra-scopes': 'all',
    }
    await api.send('POST', CONFIGMAPS, { body: configMap('b'), headers })
    const account = await createAccount(api, 'robot')
    await allowTo(api, { verbs: ['create'], apiGroups: [''], resources: ['configmaps'] }, account.subject)
    await api.send('POST', CONFIGMAPS, { body: configMap('c'), headers: await account.bearer() })
    const [admin, ada, robot] = hooks.calls.map(({ review }) => review.request.userInfo)
    assert.deepEqual(admin, { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] })
    assert.deepEqual(ada, {
      username: 'ada',
      uid: '7',
      groups: ['authors', 'poets', 'system:authenticated'],
      extra: { scopes: ['all'] },
    })
    assert.equal(robot?.username, 'system:serviceaccount:default:robot')
    assert.deepEqual(robot?.groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      'system:authenticated',
    ])
  })

  it('gives a webhook that knows one version of an event the object in that version', async (t) => {
    const api = await startServer(t)
    const hooks = await startWebhooks(t, {})
    const rules = [{ ...rule(['CREATE'], ['events'], 'events.k8s.io'), apiVersions: ['v1'] }]
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'same', { rules }))
    await configure(api, VALIDATING, 'b', hook(hooks.url, 'exact', { rules, matchPolicy: 'Exact' }))
    const { status } = await api.post('/api/v1/namespaces/default/events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { namespace: 'default' },
      message: 'it happened',
    })
    assert.equal(status, 201)
    assert.deepEqual(hooks.paths(), ['/same'])
    const object = hooks.calls[0]?.review.request.object as { apiVersion?: string; note?: string } | undefined
    assert.deepEqual([object?.apiVersion, object?.note], ['events.k8s.io/v1', 'it happened'])
  })
})
