/** Tokens of service accounts: requests, bindings, reviews. Compared with a kube-apiserver v1.36. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import { ACCOUNTS, as, claimsOf, createAccount, IDENTITY, reviewToken, tokenRequest } from './access.ts'
import { type Api, startServer } from './client.ts'
import { configure, hook, MUTATING, patch, rule, startWebhooks } from './webhooks.ts'

const ISSUER = 'https://kubernetes.default.svc'
const PODS = '/api/v1/namespaces/default/pods'
const SECRETS = '/api/v1/namespaces/default/secrets'

const pod = (name: string, account: string, node?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    serviceAccountName: account,
    ...(node === undefined ? {} : { nodeName: node }),
    containers: [{ name: 'c', image: 'i' }],
  },
})

const createSecret = (api: Api, name: string) =>
  api.post(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name } })

const bound = (kind: string, name: string, more: object = {}) => ({
  boundObjectRef: { kind, apiVersion: 'v1', name, ...more },
})

describe('a token request', () => {
  it('R23: is answered with the account’s metadata, an hour and this server as audience', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00.400Z'))
    const api = await startServer(t, { clock })
    const robot = await createAccount(api, 'robot')
    const { status, body } = await robot.request()
    const { managedFields, ...metadata } = body.metadata
    const token = String(body.status.token)
    const { jti, ...claims } = claimsOf(token)
    assert.equal(status, 201)
    assert.deepEqual(metadata, {
      name: 'robot',
      namespace: 'default',
      uid: robot.uid,
      creationTimestamp: '2030-01-01T00:00:00Z',
    })
    const [manager] = managedFields as { subresource: string; fieldsV1: object }[]
    assert.deepEqual(
      [manager?.subresource, manager?.fieldsV1],
      ['token', { 'f:spec': { 'f:expirationSeconds': {} } }],
    )
    assert.deepEqual(body.spec, { audiences: [ISSUER], expirationSeconds: 3600, boundObjectRef: null })
    assert.equal(body.status.expirationTimestamp, '2030-01-01T01:00:00Z')
    const now = Date.parse('2030-01-01T00:00:00Z') / 1000
    assert.match(String(jti), /^[-0-9a-f]{36}$/)
    assert.deepEqual(claims, {
      aud: [ISSUER],
      exp: now + 3600,
      iat: now,
      iss: ISSUER,
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: robot.uid } },
      nbf: now,
      sub: 'system:serviceaccount:default:robot',
    })
  })

  it('has to last ten minutes, and 136 years at most', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    for (const expirationSeconds of [600, 2 ** 32])
      assert.equal((await robot.request({ expirationSeconds })).status, 201)
    const refusals: [number, string][] = [
      [0, 'less than 10 minutes'],
      [599, 'less than 10 minutes'],
      [2 ** 32 + 1, 'larger than 2^32 seconds'],
    ]
    for (const [expirationSeconds, text] of refusals) {
      const { status, body } = await robot.request({ expirationSeconds })
      assert.deepEqual(
        [status, body.message],
        [
          422,
          `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration ${text}`,
        ],
      )
    }
  })

  it('may repeat the account’s names and uid, and contradict none of them', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const request = (metadata: object) => api.post(`${ACCOUNTS}/robot/token`, tokenRequest({}, metadata))
    assert.equal((await request({ name: 'robot', namespace: 'default', uid: robot.uid })).status, 201)
    assert.match(
      (await request({ name: 'other' })).body.message,
      /^TokenRequest\.authentication\.k8s\.io "robot" is invalid: metadata\.name: Invalid value: "other": must match the service account name if specified$/,
    )
    assert.equal((await request({ namespace: 'other' })).status, 400)
    const uid = '00000000-0000-4000-8000-000000000000'
    const conflict = await request({ uid })
    assert.deepEqual(
      [conflict.status, conflict.body.message],
      [
        409,
        `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (${uid}) does not match the UID of the service account (${robot.uid})`,
      ],
    )
  })

  it('needs an account, a namespace, and the right to create tokens', async (t) => {
    const api = await startServer(t)
    await createAccount(api, 'robot')
    const request = (path: string) => api.post(path, tokenRequest())
    assert.equal(
      (await request(`${ACCOUNTS}/absent/token`)).body.message,
      'serviceaccounts "absent" not found',
    )
    assert.equal(
      (await request('/api/v1/namespaces/nowhere/serviceaccounts/robot/token')).body.message,
      'namespaces "nowhere" not found',
    )
    assert.equal(
      (await as(api, 'alice').post(`${ACCOUNTS}/robot/token`, tokenRequest())).body.message,
      'serviceaccounts "robot" is forbidden: User "alice" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"',
    )
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      assert.equal((await api.send(method, `${ACCOUNTS}/robot/token`, { body: {} })).status, 405)
  })

  it('is bound to a pod of the account, to a secret or to a node, and to nothing else', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    await api.post(PODS, pod('own', 'robot', 'absent-node'))
    await api.post(PODS, pod('other', 'other'))
    const secret = await createSecret(api, 's')
    const refusals: [object, number, string][] = [
      [bound('Pod', 'absent'), 404, 'pods "absent" not found'],
      [bound('Secret', 'absent'), 404, 'secrets "absent" not found'],
      [bound('Node', 'absent'), 404, 'nodes "absent" not found'],
      [bound('Pod', ''), 400, 'Name parameter required.'],
      [bound('ConfigMap', 'x'), 400, 'cannot bind token to object of type /v1, Kind=ConfigMap'],
      [
        bound('Pod', 'x', { apiVersion: 'apps/v1' }),
        400,
        'cannot bind token to object of type apps/v1, Kind=Pod',
      ],
      [
        bound('Pod', 'other'),
        400,
        'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
      ],
      [
        bound('Secret', 's', { uid: 'x' }),
        409,
        'Operation cannot be fulfilled on Secret "s": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
      ],
    ]
    for (const [spec, code, message] of refusals) {
      const { status, body } = await robot.request(spec)
      assert.deepEqual([status, body.message], [code, message])
    }
    const claims = async (spec: object) => claimsOf(await robot.token(spec))['kubernetes.io'] as object
    const own = (await api.get(`${PODS}/own`)).body.metadata.uid
    assert.deepEqual(await claims(bound('Pod', 'own')), {
      namespace: 'default',
      node: { name: 'absent-node' },
      pod: { name: 'own', uid: own },
      serviceaccount: { name: 'robot', uid: robot.uid },
    })
    const { uid } = secret.body.metadata
    assert.deepEqual((await claims(bound('Secret', 's', { uid }))) as { secret: object }, {
      namespace: 'default',
      secret: { name: 's', uid },
      serviceaccount: { name: 'robot', uid: robot.uid },
    })
  })

  it('lasts a year where a kubelet asks for a pod, with a time from which on it is stale', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    await api.post(PODS, pod('own', 'robot'))
    const spec = { ...bound('Pod', 'own'), expirationSeconds: 3607 }
    const lifetime = async (more: object) => {
      const claims = claimsOf(await robot.token({ ...spec, ...more })) as { exp: number; iat: number }
      const { warnafter } = (claims as Record<string, unknown>)['kubernetes.io'] as { warnafter?: number }
      return [claims.exp - claims.iat, warnafter === undefined ? undefined : warnafter - claims.iat]
    }
    assert.deepEqual(await lifetime({}), [365 * 24 * 3600, 3607])
    assert.deepEqual(await lifetime({ audiences: ['elsewhere'] }), [3607, undefined])
    assert.deepEqual(await lifetime({ expirationSeconds: 3600 }), [3600, undefined])
  })

  it('goes through webhooks as a token request, though its path is of an account', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const audiences = { op: 'replace', path: '/spec/audiences', value: ['z'] }
    const hooks = await startWebhooks(t, { '/m': () => patch(audiences) })
    const rules = [rule(['CREATE'], ['serviceaccounts/token'])]
    await configure(api, MUTATING, 'a', hook(hooks.url, 'm', { rules }))
    const { body } = await robot.request({ expirationSeconds: 700 })
    const [call] = hooks.calls
    assert.equal(call?.review.request.object?.kind, 'TokenRequest')
    assert.deepEqual(body.spec, { audiences: ['z'], expirationSeconds: 700, boundObjectRef: null })
    assert.deepEqual(claimsOf(String(body.status.token)).aud, ['z'])
  })
})

describe('a token review', () => {
  it('tells whom a token proves, and for which of the audiences', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const token = await robot.token({ audiences: ['a', ISSUER, 'b'] })
    const { status, body } = await reviewToken(api, token)
    assert.equal(status, 201)
    assert.deepEqual(body.spec, { token })
    assert.deepEqual(body.status, {
      authenticated: true,
      user: {
        username: 'system:serviceaccount:default:robot',
        uid: robot.uid,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claimsOf(token).jti}`] },
      },
      audiences: [ISSUER],
    })
    const audiences = async (wanted: string[]) =>
      (await reviewToken(api, token, wanted)).body.status.audiences
    assert.deepEqual(await audiences(['b', 'c', 'a']), ['b', 'a'])
    assert.equal(await audiences(['c']), undefined)
  })

  it('tells why a token proves nobody', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const refused = async (token: unknown, audiences?: string[]) => {
      const { status, body } = await reviewToken(api, token, audiences)
      assert.deepEqual([status, body.status.user], [201, {}])
      return body.status.error
    }
    const token = await robot.token()
    assert.equal(await refused('nonsense'), 'invalid bearer token')
    assert.equal(
      await refused(token, ['x', 'y']),
      `[invalid bearer token, token audiences ["${ISSUER}"] is invalid for the target audiences ["x" "y"]]`,
    )
    assert.equal(
      await refused(`${token.slice(0, -8)}AAAAAAAA`),
      '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]',
    )
    await api.remove(`${ACCOUNTS}/robot`)
    assert.equal(await refused(token), '[invalid bearer token, serviceaccounts "robot" not found]')
    const again = await createAccount(api, 'robot')
    assert.equal(
      await refused(token),
      `[invalid bearer token, service account UID (${again.uid}) does not match claim (${robot.uid})]`,
    )
    const { status, body } = await api.post(`${IDENTITY}/tokenreviews`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
    })
    assert.deepEqual([status, body.message], [400, 'token is required for TokenReview in authentication'])
  })

  it('knows when what a token is bound to is gone', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    await api.post(PODS, pod('p', 'robot', 'n'))
    const { uid } = (
      await api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } })
    ).body.metadata
    await createSecret(api, 's')
    const specs = [bound('Pod', 'p'), bound('Secret', 's'), bound('Node', 'n')]
    const tokens = await Promise.all(specs.map((spec) => robot.token(spec)))
    const known = await reviewToken(api, await robot.token(bound('Pod', 'p')))
    const { extra } = known.body.status.user as { extra: Record<string, string[]> }
    const prefix = 'authentication.kubernetes.io'
    assert.deepEqual(extra[`${prefix}/pod-name`], ['p'])
    assert.deepEqual(extra[`${prefix}/node-name`], ['n'])
    assert.deepEqual(extra[`${prefix}/node-uid`], [uid])
    await api.remove(`${PODS}/p?gracePeriodSeconds=0`)
    await api.remove(`${SECRETS}/s`)
    await api.remove('/api/v1/nodes/n')
    const gone = '[invalid bearer token, service account token has been invalidated]'
    for (const token of tokens) assert.equal((await reviewToken(api, token)).body.status.error, gone)
    await createSecret(api, 's')
    assert.match(
      String((await reviewToken(api, tokens[1])).body.status.error),
      /secret UID \(\S+\) does not match service account secret ref claim \(\S+\)\]$/,
    )
  })
})
