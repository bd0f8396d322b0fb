/** Access reviews: their answers, forms and errors. Compared with a kube-apiserver v1.36. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ACCESS, allow, as, group, IDENTITY, review, user } from './access.ts'
import { type Body, startServer } from './client.ts'
import { configure, deny, hook, rule, startWebhooks, VALIDATING } from './webhooks.ts'

const SUBJECT = `${ACCESS}/subjectaccessreviews`
const SELF = `${ACCESS}/selfsubjectaccessreviews`
const RULES = `${ACCESS}/selfsubjectrulesreviews`
const pods = { verb: 'get', resource: 'pods' }

const local = (namespace: string) => `${ACCESS}/namespaces/${namespace}/localsubjectaccessreviews`

describe('an access review', () => {
  it('R23: comes back with its answer and its managers, and is stored nowhere', async (t) => {
    const api = await startServer(t)
    const { resourceVersion } = (await api.get('/api/v1/pods')).body.metadata
    const { status, body } = await api.post(
      `${SUBJECT}?fieldManager=me`,
      review('SubjectAccessReview', { user: 'u', extra: { k: ['v'] }, resourceAttributes: pods }),
    )
    const [manager] = body.metadata.managedFields as { manager: string; fieldsV1: object }[]
    assert.equal(status, 201)
    assert.deepEqual(body.spec, { user: 'u', extra: { k: ['v'] }, resourceAttributes: pods })
    assert.deepEqual(body.status, { allowed: false })
    assert.equal(manager?.manager, 'me')
    assert.deepEqual(manager?.fieldsV1, {
      'f:spec': {
        'f:extra': { '.': {}, 'f:k': {} },
        'f:resourceAttributes': { '.': {}, 'f:resource': {}, 'f:verb': {} },
        'f:user': {},
      },
    })
    assert.equal((await api.get('/api/v1/pods')).body.metadata.resourceVersion, resourceVersion)
  })

  it('takes no answer from the client', async (t) => {
    const api = await startServer(t)
    const { body } = await api.post(SUBJECT, {
      ...review('SubjectAccessReview', { user: 'u', resourceAttributes: pods }),
      status: { allowed: true, denied: true, reason: 'x', evaluationError: 'y' },
    })
    assert.deepEqual(body.status, { allowed: false })
  })

  it('is about whoever asks, where it is about oneself', async (t) => {
    const api = await startServer(t)
    await allow(api, { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, group('readers'))
    const ask = (who: string, ...groups: string[]) =>
      as(api, who, ...groups).post(SELF, review('SelfSubjectAccessReview', { resourceAttributes: pods }))
    assert.equal((await ask('u', 'readers')).body.status.allowed, true)
    assert.equal((await ask('u')).body.status.allowed, false)
    // Only who is authenticated may ask.
    assert.equal((await ask('system:anonymous', 'readers')).status, 403)
  })

  it('says what is wrong with the question', async (t) => {
    const api = await startServer(t)
    const either = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    const both = 'cannot be specified in combination with resourceAttributes'
    const somebody = 'spec.user: Invalid value: "": at least one of user or group must be specified'
    const requirement = 'spec.resourceAttributes.labelSelector.requirements[0]'
    const cases: [object, string][] = [
      [{}, `[spec.resourceAttributes: Invalid value: null: ${either}, ${somebody}]`],
      [{ user: 'u' }, `spec.resourceAttributes: Invalid value: null: ${either}`],
      [{ groups: [], resourceAttributes: pods }, somebody],
      [
        { user: 'u', resourceAttributes: pods, nonResourceAttributes: { path: '/' } },
        `spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":""}: ${both}`,
      ],
      [
        { user: 'u', resourceAttributes: { ...pods, fieldSelector: {} } },
        'spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
      ],
      [
        {
          user: 'u',
          resourceAttributes: { ...pods, labelSelector: { requirements: [{ key: 'a', operator: 'In' }] } },
        },
        `${requirement}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ],
    ]
    for (const [spec, text] of cases) {
      const { status, body } = await api.post(SUBJECT, review('SubjectAccessReview', spec))
      assert.deepEqual([status, body.message], [422, `.authorization.k8s.io "" is invalid: ${text}`])
    }
  })

  it('has no metadata, and shows what it has', async (t) => {
    const api = await startServer(t)
    const labels = { b: '<c>', a: 'd' }
    const spec = { resourceAttributes: pods }
    const { body } = await api.post(SELF, review('SelfSubjectAccessReview', spec, { name: 'x', labels }))
    assert.match(
      body.message,
      /^\.authorization\.k8s\.io "" is invalid: metadata: Invalid value: \{"name":"x","labels":\{"a":"d","b":"\\u003cc\\u003e"\},"managedFields":\[\{"manager":"unknown","operation":"Update","apiVersion":"authorization\.k8s\.io\/v1","time":"[-0-9T:]+Z","fieldsType":"FieldsV1","fieldsV1":\{.*\}\}\]\}: must be empty$/,
    )
    // A namespace means nothing where the path has none.
    assert.equal(
      (await api.post(SELF, review('SelfSubjectAccessReview', spec, { namespace: 'n' }))).status,
      201,
    )
  })

  it('is asked within a namespace, whether there is one or not, and about nothing else', async (t) => {
    const api = await startServer(t)
    const ask = (spec: object, metadata: object = {}) =>
      api.post(local('nowhere'), review('LocalSubjectAccessReview', { user: 'u', ...spec }, metadata))
    const own = { resourceAttributes: { ...pods, namespace: 'nowhere' } }
    assert.equal((await ask(own)).body.metadata.namespace, 'nowhere')
    assert.match(
      (await ask({ resourceAttributes: pods })).body.message,
      /: spec\.resourceAttributes\.namespace: Invalid value: "": must match metadata\.namespace$/,
    )
    assert.match(
      (await ask({ nonResourceAttributes: { path: '/', verb: 'get' } })).body.message,
      /: spec\.nonResourceAttributes: Invalid value: \{"Path":"\/","Verb":"get"\}: disallowed on this kind of request$/,
    )
    assert.equal((await ask(own, { namespace: 'other' })).status, 400)
    assert.match((await ask(own, { name: 'x' })).body.message, /must be empty except for namespace$/)
  })

  it('tells which selectors it could not read, and decides without them', async (t) => {
    const api = await startServer(t)
    await allow(api, { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, user('u'))
    const ignored = (name: string, how = '') =>
      `spec.resourceAttributes.${name} ${how}ignored due to parse error`
    const label = (...operators: string[]) => ({
      labelSelector: { requirements: operators.map((operator) => ({ key: 'a', operator, values: ['b'] })) },
    })
    const cases: [object, string | undefined][] = [
      [{ fieldSelector: { rawSelector: 'a=b' } }, undefined],
      [{ labelSelector: { rawSelector: '!a,b in (c)' } }, undefined],
      [{ fieldSelector: { rawSelector: 'a b' } }, ignored('fieldSelector')],
      [{ labelSelector: { rawSelector: 'a b' } }, ignored('labelSelector')],
      [label('In', 'Newer'), ignored('labelSelector', 'partially ')],
      [label('Newer'), ignored('labelSelector')],
      [
        { fieldSelector: { rawSelector: 'a b' }, ...label('Newer') },
        `${ignored('fieldSelector')}; ${ignored('labelSelector')}`,
      ],
      [
        { fieldSelector: { requirements: [{ key: 'a', operator: 'In', values: ['x', 'y'] }] } },
        ignored('fieldSelector'),
      ],
    ]
    for (const [selectors, error] of cases) {
      const spec = { user: 'u', resourceAttributes: { ...pods, ...selectors } }
      const { body } = await api.post(SUBJECT, review('SubjectAccessReview', spec))
      assert.deepEqual([body.status.allowed, body.status.evaluationError], [true, error])
    }
  })

  it('goes the way of a create: decoding, field validation, forms and webhooks', async (t) => {
    const api = await startServer(t)
    const body = review('SubjectAccessReview', { user: 'u', resourceAttributes: pods, foo: 1 })
    const warned = await api.post(SUBJECT, body)
    assert.equal(warned.headers.warning, '299 - "unknown field \\"spec.foo\\""')
    const strict = await api.post(`${SUBJECT}?fieldValidation=Strict`, body)
    assert.match(strict.body.message, /strict decoding error: unknown field "spec\.foo"$/)
    assert.match(
      (await api.post(SUBJECT, review('SubjectAccessReview', { extra: { a: 'b' } }))).body.message,
      /cannot unmarshal string into Go struct field SubjectAccessReviewSpec\.spec\.extra of type v1\.ExtraValue$/,
    )
    assert.equal((await api.post(`${SUBJECT}?dryRun=x`, body)).status, 422)
    const accept = (as: string) => ({ accept: `application/json;as=${as};v=v1;g=meta.k8s.io` })
    const send = (as: string) => api.send('POST', SUBJECT, { body, headers: accept(as) })
    assert.equal((await send('Table')).status, 406)
    assert.equal((await send('PartialObjectMetadata')).body.kind, 'PartialObjectMetadata')
    const hooks = await startWebhooks(t, { '/v': () => deny('not now') })
    const rules = [rule(['CREATE'], ['*'], 'authorization.k8s.io')]
    await configure(api, VALIDATING, 'a', hook(hooks.url, 'v', { rules }))
    const denied = await api.post(SUBJECT, body)
    assert.equal(denied.body.message, 'admission webhook "v.hooks.example.com" denied the request: not now')
    assert.equal(hooks.calls[0]?.review.request.object?.kind, 'SubjectAccessReview')
  })

  it('has one path and one verb', async (t) => {
    const api = await startServer(t)
    const cases: [string, string, number][] = [
      ['GET', SELF, 405],
      ['DELETE', SELF, 405],
      ['GET', `${SELF}/x`, 404],
      ['PUT', `${SELF}/x`, 404],
      ['GET', `${ACCESS}/watch/selfsubjectaccessreviews`, 404],
      ['POST', `${ACCESS}/localsubjectaccessreviews`, 404],
      ['GET', local('n'), 405],
      ['POST', `${ACCESS}/namespaces/n/subjectaccessreviews`, 404],
    ]
    for (const [method, path, expected] of cases) {
      const { status, body } = await api.send(method, path, method === 'POST' ? { body: {} } : {})
      assert.deepEqual([status, body.kind], [expected, 'Status'], `${method} ${path}`)
    }
  })
})

describe('a rules review', () => {
  it('lists what applies in a namespace, and nothing of the question', async (t) => {
    const api = await startServer(t)
    await allow(
      api,
      { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['p'] },
      user('u'),
      'default',
    )
    await allow(api, { verbs: ['list'], apiGroups: ['apps'], resources: ['deployments'] }, user('u'), 'other')
    await allow(api, { verbs: ['get'], nonResourceURLs: ['/x'] }, user('u'))
    const ask = (spec: object) =>
      as(api, 'u', 'system:unauthenticated').post(
        RULES,
        review('SelfSubjectRulesReview', spec, { name: 'n' }),
      )
    // Those who are not authenticated may not ask of themselves.
    assert.equal((await ask({ namespace: 'default' })).status, 403)
    await allow(
      api,
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectrulesreviews'] },
      user('u'),
    )
    const { body } = await ask({ namespace: 'default' })
    const status = body.status as { resourceRules: object[]; nonResourceRules: object[]; incomplete: boolean }
    assert.deepEqual([body.metadata, body.spec], [{}, {}])
    assert.deepEqual(status.resourceRules, [
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectrulesreviews'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['p'] },
    ])
    assert.ok(
      status.nonResourceRules.some(
        (rule) => JSON.stringify(rule) === '{"verbs":["get"],"nonResourceURLs":["/x"]}',
      ),
    )
    assert.equal(status.incomplete, false)
    assert.equal((await ask({})).body.message, 'no namespace on request')
  })
})

describe('a subject review', () => {
  it('says who asks, and when', async (t) => {
    const api = await startServer(t)
    const { body } = await as(api, 'u', 'g').post(`${IDENTITY}/selfsubjectreviews`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: { name: 'x' },
      status: { userInfo: { username: 'somebody else' } },
    })
    const { metadata, ...rest } = body as Body & { apiVersion: string }
    assert.deepEqual(Object.keys(metadata), ['creationTimestamp'])
    assert.deepEqual(rest, {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      status: { userInfo: { username: 'u', groups: ['g', 'system:authenticated'] } },
    })
  })
})
