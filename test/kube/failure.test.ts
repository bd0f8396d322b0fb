/** What failures become: bounded errors that name the call and quote nothing. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ApiError } from '../../lib/kube.ts'
import { connect } from '../../lib/kube/rest.ts'
import { configMaps, scripted } from './script.ts'
import { statusOf } from './server.ts'

const key = { namespace: 'default', name: 'a' }
const object = { metadata: key, data: { a: '1' } }
const ok = { status: 200, body: { kind: 'ConfigMap', metadata: key } }

test('a webhook that cannot be reached is named by its host: its path may be a secret', async () => {
  const text =
    'Internal error occurred: failed calling webhook "mutate.x.y.z": failed to call webhook: Post "https://127.0.0.1:9443/v1/default/k1/SECRET/mutate/x?timeout=5s": dial tcp'
  const body = statusOf(500, 'InternalError', text)
  const api = connect(scripted({ status: 500, body }), { userAgent: 'test' })
  await assert.rejects(api.get(configMaps, key), (error: Error) => {
    assert.match(error.message, /Post "https:\/\/127\.0\.0\.1:9443\/\.\.\."/)
    return !JSON.stringify(error).includes('SECRET') && !error.message.includes('SECRET')
  })
})

test('a refusal keeps reason and causes, and loses the object that it quotes', async () => {
  const quoted = JSON.stringify(
    JSON.stringify({ kind: 'ConfigMap', data: { password: 'hunter2'.repeat(50) } }),
  )
  const message = `ConfigMap "a" is invalid: patch: Invalid value: ${quoted}: cannot be handled`
  const causes = [
    { reason: 'FieldValueInvalid', message: `Invalid value: ${quoted}: no`, field: 'patch', more: 1 },
  ]
  const body = { ...statusOf(422, 'Invalid', message, { name: 'a', causes }), extra: true }
  await assert.rejects(connect(scripted({ status: 422, body })).create(configMaps, object), (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.code, error.reason, error.details?.name], [422, 'Invalid', 'a'])
    assert.deepEqual(Object.keys(error.details?.causes?.[0] ?? {}), ['reason', 'field', 'message'])
    assert.match(
      error.message,
      /^ConfigMap "a" is invalid: patch: Invalid value: \(\d+ characters\): cannot be handled$/,
    )
    assert.doesNotMatch(JSON.stringify(error), /hunter2/)
    return true
  })
  const endless = statusOf(500, 'InternalError', 'no '.repeat(10_000))
  await assert.rejects(connect(scripted({ status: 500, body: endless })).get(configMaps, key), (error) => {
    assert(error instanceof ApiError)
    assert.equal(error.message.length, 1024)
    return true
  })
})

test('an answer that is no Status is named by its code and never quoted', async () => {
  const page = { status: 502, body: '<html>token=hunter2</html>' }
  await assert.rejects(connect(scripted(page)).get(configMaps, key), {
    code: 502,
    reason: 'Unknown',
    message: 'get ConfigMap default/a: answered 502 without a Status',
  })
  await assert.rejects(connect(scripted({ ...page, status: 200 })).get(configMaps, key), {
    code: 200,
    reason: 'BadAnswer',
    message: 'get ConfigMap default/a: answered 200 with something that is not JSON',
  })
  await assert.rejects(connect(scripted(ok)).list(configMaps), { reason: 'BadAnswer', message: /not a list/ })
})

test('no answer is ApiError 0 Unreachable with its cause, naming the server', async () => {
  const cause = new Error('connect ECONNREFUSED')
  await assert.rejects(connect(scripted(cause)).list(configMaps, { namespace: 'n' }), {
    name: 'ApiError',
    code: 0,
    reason: 'Unreachable',
    message: 'list ConfigMap n: no answer from https://kube.example:6443: connect ECONNREFUSED',
    cause,
  })
})
