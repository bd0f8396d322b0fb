import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { myappConversion, myappReview } from '../../functions/operators/myapp.ts'
import { tstestConversion, tstestReview } from '../../functions/operators/tstest.ts'
import { convert } from '../../lib/index.ts'
import { checkRoundTrips } from '../../lib/testing/conversion.ts'
import { fakeClock } from '../fake-clock.ts'
import { ask, asked } from '../review.samples.ts'

const group = 'apps.fairlead.dev'
const about = (kind: string, version = 'v1') => ({
  kind: { group, version, kind },
  resource: { group, version, resource: `${kind.toLowerCase()}s` },
})
const app = (spec: object, metadata: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'MyApp',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { image: 'nginx:1.27', replicas: 1, service: { port: 80, type: 'ClusterIP' }, ...spec },
})
const validated = (object: object, request: object = {}) =>
  ask(myappReview, 'validate', asked(object, { ...about('MyApp'), name: 'web', ...request }))

describe('MyApp: reviews (R30)', () => {
  it('lets through what is fine', async () => {
    assert.equal((await validated(app({}))).allowed, true)
  })

  it('names field, value and rule of what its schema refuses', async () => {
    const { status } = await validated(app({ replicas: 99, image: '' }))
    assert.deepEqual(status?.details?.causes, [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.image',
        message: 'Invalid value: "": must have at least 1 character',
      },
      {
        reason: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: 'Invalid value: 99: must be less than or equal to 50',
      },
    ])
  })

  it('wants a fixed version from 11 replicas on, and warns of a floating one below', async () => {
    const { allowed, status } = await validated(app({ image: 'nginx', replicas: 11 }))
    assert.equal(allowed, false)
    assert.equal(
      status?.message,
      'MyApp.apps.fairlead.dev "web" is invalid: spec.image: Invalid value: "nginx": must have a fixed version where spec.replicas is above 10',
    )
    assert.equal((await validated(app({ replicas: 11 }))).allowed, true)
    const floating = await validated(app({ image: 'nginx', replicas: 10 }))
    assert.deepEqual(
      [floating.allowed, floating.warnings],
      [true, ['spec.image: nginx has no fixed version']],
    )
  })

  it('warns when an update gives up a load balancer', async () => {
    const oldObject = app({ service: { port: 80, type: 'LoadBalancer' } })
    const { warnings } = await validated(app({}), { operation: 'UPDATE', oldObject })
    assert.match(warnings?.[0] ?? '', /the load balancer of this application goes away/)
  })

  it('fills in its label and what its schema defaults, and nothing twice', async () => {
    const bare = {
      apiVersion: `${group}/v1`,
      kind: 'MyApp',
      metadata: { name: 'web' },
      spec: { image: 'nginx:1' },
    }
    const { patch } = await ask(myappReview, 'mutate', asked(bare, { ...about('MyApp'), name: 'web' }))
    assert.deepEqual(patch, [
      { op: 'add', path: '/metadata/labels', value: { 'app.kubernetes.io/name': 'web' } },
      { op: 'add', path: '/spec/replicas', value: 1 },
      { op: 'add', path: '/spec/service', value: { port: 80, type: 'ClusterIP' } },
    ])
    const labelled = app({}, { labels: { 'app.kubernetes.io/name': 'mine' } })
    assert.equal((await ask(myappReview, 'mutate', asked(labelled, about('MyApp')))).patch, undefined)
  })
})

const converted = async (conversion: typeof myappConversion, to: string, object: object) => {
  const request = { uid: 'c', desiredAPIVersion: `${group}/${to}`, objects: [object] }
  const body = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request }
  const { response } = await convert(body, conversion, { clock: fakeClock(), report: () => {} })
  return (response.convertedObjects?.[0] ?? response.result) as ReturnType<typeof app>
}

describe('MyApp and TsTest: conversions (R18, R30, R31)', () => {
  it('loses nothing on any round trip (G9)', () => {
    checkRoundTrips(myappConversion)
    checkRoundTrips(tstestConversion)
  })

  it('knows a port in v1beta1 and a service in v1', async () => {
    const older = await converted(
      myappConversion,
      'v1beta1',
      app({ service: { port: 81, type: 'ClusterIP' } }),
    )
    assert.deepEqual(older.spec, { image: 'nginx:1.27', replicas: 1, port: 81 })
    const newer = await converted(myappConversion, 'v1', { ...older, spec: { ...older.spec, port: 82 } })
    assert.deepEqual(newer.spec, { image: 'nginx:1.27', replicas: 1, service: { port: 82 } })
  })

  it('turns cronSpec and image into schedule and container.image', async () => {
    const older = {
      apiVersion: `${group}/v1beta1`,
      kind: 'TsTest',
      metadata: { name: 't' },
      spec: { deploymentName: 'd', replicas: 2, cronSpec: '*/5 * * * *', image: 'nginx:1' },
    }
    const newer = await converted(tstestConversion, 'v1', older)
    assert.deepEqual(newer.spec, {
      deploymentName: 'd',
      replicas: 2,
      schedule: '*/5 * * * *',
      container: { image: 'nginx:1' },
    })
    assert.deepEqual(await converted(tstestConversion, 'v1beta1', newer), older)
  })

  it('refuses a schedule that is none, and warns of a Deployment that goes', async () => {
    const test = (spec: object) => ({
      apiVersion: `${group}/v1`,
      kind: 'TsTest',
      metadata: { name: 't' },
      spec: { deploymentName: 'd', replicas: 1, container: { image: 'a' }, ...spec },
    })
    const { status } = await ask(
      tstestReview,
      'validate',
      asked(test({ schedule: 'daily' }), about('TsTest')),
    )
    assert.match(status?.message ?? '', /spec\.schedule: Invalid value: "daily": must match/)
    const renamed = asked(test({}), {
      ...about('TsTest'),
      operation: 'UPDATE',
      oldObject: test({ deploymentName: 'old' }),
    })
    const { warnings } = await ask(tstestReview, 'validate', renamed)
    assert.deepEqual(warnings, ['spec.deploymentName: Deployment old is deleted, d takes its place'])
  })
})
