/** Who asks: without credentials, with a token, acting for somebody else. Compared with a kube-apiserver v1.36. */
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { fakeClock } from '../fake-clock.ts'
import { ACCOUNTS, allow, claimsOf, createAccount, group, reviewToken, whoAmI } from './access.ts'
import { CONFIGMAPS, startServer } from './client.ts'

const unauthorized = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Unauthorized',
  reason: 'Unauthorized',
  code: 401,
}

describe('who asks', () => {
  it('R23: is the administrator without credentials, and with such that say nothing here', async (t) => {
    const api = await startServer(t)
    const expected = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] }
    for (const authorization of [undefined, 'Basic YTpi', 'Bearer ', 'Bearer', 'Bearer  spaced'])
      assert.deepEqual(
        (await whoAmI(api, authorization === undefined ? {} : { authorization })).body.status.userInfo,
        expected,
      )
  })

  it('is the service account of a token', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const token = await robot.token()
    const { status, body } = await whoAmI(api, { authorization: `bearer ${token}` })
    assert.equal(status, 201)
    assert.deepEqual(body.status.userInfo, {
      username: 'system:serviceaccount:default:robot',
      uid: robot.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claimsOf(token).jti}`] },
    })
  })

  it('is nobody with any other token: 401, and nothing of the token in the answer', async (t) => {
    const [api, other] = await Promise.all([startServer(t), startServer(t)])
    const robot = await createAccount(api, 'robot')
    const token = await robot.token()
    const [head = '', claims = '', signature = ''] = token.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const master = Buffer.from(JSON.stringify({ ...claimsOf(token), sub: 'system:admin' }))
    const strangers = {
      nonsense: 'nonsense',
      'of another audience': await robot.token({ audiences: ['elsewhere'] }),
      'of another server': await (await createAccount(other, 'robot')).token(),
      'without a signature': `${head}.${claims}.`,
      'without an algorithm': `${none}.${claims}.`,
      'with other claims': `${head}.${master.toString('base64url')}.${signature}`,
      'with a part too many': `${token}.x`,
      'that is no JSON': 'a.b.c',
    }
    for (const [what, stranger] of Object.entries(strangers))
      for (const path of ['/api', CONFIGMAPS, '/nothing']) {
        const answer = await api.send('GET', path, { headers: { authorization: `Bearer ${stranger}` } })
        assert.deepEqual([answer.status, answer.body], [401, unauthorized], what)
      }
  })

  it('is believed until the token expires, give or take a minute', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    const headers = await (await createAccount(api, 'robot')).bearer({ expirationSeconds: 600 })
    await clock.advance(659_000)
    assert.equal((await whoAmI(api, headers)).status, 201)
    await clock.advance(10_000)
    assert.equal((await whoAmI(api, headers)).status, 401)
  })

  it('is believed for ten seconds after the account is gone, and not again when one of that name comes', async (t) => {
    const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
    const api = await startServer(t, { clock })
    const robot = await createAccount(api, 'robot')
    const [known, fresh] = [await robot.bearer(), await robot.bearer()]
    assert.equal((await whoAmI(api, known)).status, 201)
    await api.remove(`${ACCOUNTS}/robot`)
    assert.equal((await whoAmI(api, fresh)).status, 401)
    assert.equal((await whoAmI(api, known)).status, 201)
    await clock.advance(10_000)
    assert.equal((await whoAmI(api, known)).status, 401)
    await createAccount(api, 'robot')
    assert.equal((await whoAmI(api, known)).status, 401)
  })

  it('can be found out by others: keys and issuer are served to service accounts', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const token = await robot.token()
    const get = (path: string, user: string) =>
      api.send('GET', path, { headers: { 'impersonate-user': user } })
    const account = 'system:serviceaccount:default:robot'
    const configuration = await get('/.well-known/openid-configuration', account)
    assert.deepEqual(JSON.parse(configuration.text), {
      issuer: 'https://kubernetes.default.svc',
      jwks_uri: `${api.server.url}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const keys = await get('/openid/v1/jwks', account)
    assert.equal(keys.headers['content-type'], 'application/jwk-set+json')
    const [key] = (JSON.parse(keys.text) as { keys: Record<string, string>[] }).keys
    const [head = '', claims = '', signature = ''] = token.split('.')
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' })
    const isVerified = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    assert.ok(isVerified)
    assert.equal(claimsOf(`.${head}`).kid, key?.kid)
    assert.equal((await get('/openid/v1/jwks', 'alice')).status, 403)
    assert.equal((await api.get('/openid/v1/jwks/x')).status, 404)
    assert.equal((await api.post('/openid/v1/jwks', {})).status, 405)
  })
})

describe('who acts for somebody else', () => {
  it('is that user, with the groups that go without saying', async (t) => {
    const api = await startServer(t)
    const apiGroups = ['authentication.k8s.io']
    const rule = { verbs: ['create'], apiGroups, resources: ['selfsubjectreviews'] }
    await allow(api, rule, group('system:unauthenticated'))
    const cases: [Record<string, string | string[]>, object][] = [
      [{ user: 'bob' }, { username: 'bob', groups: ['system:authenticated'] }],
      [
        { user: 'bob', group: ['a', 'b'] },
        { username: 'bob', groups: ['a', 'b', 'system:authenticated'] },
      ],
      // Only lines separate: a comma is part of a name.
      [
        { user: 'bob', group: 'a, b' },
        { username: 'bob', groups: ['a, b', 'system:authenticated'] },
      ],
      [{ user: 'system:anonymous' }, { username: 'system:anonymous', groups: ['system:unauthenticated'] }],
      [
        { user: 'bob', group: 'system:unauthenticated' },
        { username: 'bob', groups: ['system:unauthenticated'] },
      ],
      [
        { user: 'bob', group: 'system:masters' },
        { username: 'bob', groups: ['system:masters', 'system:authenticated'] },
      ],
      [
        { user: 'system:serviceaccount:n:s' },
        {
          username: 'system:serviceaccount:n:s',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:n', 'system:authenticated'],
        },
      ],
      [
        { user: 'system:serviceaccount:n:s', group: 'x' },
        { username: 'system:serviceaccount:n:s', groups: ['x', 'system:authenticated'] },
      ],
      // No namespace has such a name, so this is a user like any other.
      [
        { user: 'system:serviceaccount:N:s' },
        { username: 'system:serviceaccount:N:s', groups: ['system:authenticated'] },
      ],
      [
        { user: 'bob', uid: 'u', 'extra-Scopes': ['x', 'y'], 'extra-acme.com%2fproject': 'p' },
        {
          username: 'bob',
          uid: 'u',
          groups: ['system:authenticated'],
          extra: { scopes: ['x', 'y'], 'acme.com/project': ['p'] },
        },
      ],
    ]
    for (const [given, expected] of cases) {
      const headers = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [`impersonate-${name}`, value]),
      )
      assert.deepEqual((await whoAmI(api, headers)).body.status.userInfo, expected, JSON.stringify(given))
    }
  })

  it('is refused without a user to act for', async (t) => {
    const api = await startServer(t)
    const texts: [Record<string, string | string[]>, string][] = [
      [{ 'impersonate-group': 'g' }, 'UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)'],
      [{ 'impersonate-uid': 'u' }, 'UID:"u", Groups:[]string(nil), Extra:map[string][]string(nil)'],
      [
        { 'impersonate-extra-b': ['x', 'y'], 'impersonate-extra-a': 'z' },
        'UID:"", Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"z"}, "b":[]string{"x", "y"}}',
      ],
    ]
    for (const [headers, text] of texts) {
      const { status, body } = await whoAmI(api, headers)
      assert.equal(status, 400)
      assert.equal(
        body.message,
        `requested &user.DefaultInfo{Name:"", ${text}} without impersonating a user name`,
      )
    }
  })

  it('needs the right to: of the old way, or of a constrained one and for the thing at hand', async (t) => {
    const api = await startServer(t)
    const robot = await createAccount(api, 'robot')
    const bearer = await robot.bearer()
    const name = 'User "system:serviceaccount:default:robot"'
    const list = (headers: Record<string, string | string[]>) =>
      api.send('GET', '/api/v1/pods', { headers: { ...bearer, ...headers } })
    const bob = { 'impersonate-user': 'bob' }
    assert.equal(
      (await list(bob)).body.message,
      `pods is forbidden: ${name} cannot impersonate-on:user-info:list resource "pods" in API group "" at the cluster scope`,
    )
    assert.match(
      (await list({ 'impersonate-user': 'system:node:n' })).body.message,
      /cannot impersonate-on:arbitrary-node:list resource "pods"/,
    )
    await allow(
      api,
      { verbs: ['impersonate'], apiGroups: [''], resources: ['users'], resourceNames: ['bob'] },
      robot.subject,
    )
    assert.equal(
      (await list(bob)).body.message,
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope',
    )
    // The way that worked is tried first from then on, and its refusal is the one that is told.
    assert.equal(
      (await list({ 'impersonate-user': 'carol' })).body.message,
      `users "carol" is forbidden: ${name} cannot impersonate resource "users" in API group "" at the cluster scope`,
    )
    assert.equal(
      (await list({ ...bob, 'impersonate-extra-scopes': 'all' })).body.message,
      `userextras.authentication.k8s.io "all" is forbidden: ${name} cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope`,
    )
    const apiGroups = ['authentication.k8s.io']
    await allow(api, { verbs: ['impersonate:user-info'], apiGroups, resources: ['users'] }, robot.subject)
    await allow(
      api,
      { verbs: ['impersonate-on:user-info:list'], apiGroups: [''], resources: ['pods'] },
      robot.subject,
    )
    assert.match(
      (await list({ 'impersonate-user': 'carol' })).body.message,
      /^pods is forbidden: User "carol"/,
    )
    assert.match(
      (await list({ 'impersonate-user': 'carol', 'impersonate-group': 'system:masters' })).body.message,
      /impersonating the system:masters group is not allowed$/,
    )
  })

  it('becomes a node with the group of nodes, by the constrained way', async (t) => {
    const api = await startServer(t)
    const { body } = await whoAmI(api, { 'impersonate-user': 'system:node:n' })
    assert.deepEqual(body.status.userInfo, {
      username: 'system:node:n',
      groups: ['system:nodes', 'system:authenticated'],
    })
  })

  it('leaves no token in what it answers', async (t) => {
    const api = await startServer(t)
    const token = await (await createAccount(api, 'robot')).token({ audiences: ['elsewhere'] })
    const { status, text } = await whoAmI(api, {
      authorization: `Bearer ${token}`,
      'impersonate-user': 'bob',
    })
    assert.equal(status, 401)
    assert.ok(!text.includes(token.slice(-20)))
    const reviewed = await reviewToken(api, token)
    assert.equal(
      reviewed.body.status.error,
      '[invalid bearer token, token audiences ["elsewhere"] is invalid for the target audiences ["https://kubernetes.default.svc"]]',
    )
  })
})
