/** What an author's file relies on, held by the compiler: objects are typed from the schemas, without casts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { conditions } from '../lib/kind/condition.ts'
import { ConfigMap, Deployment, EndpointSlice, Service } from '../lib/kind/builtin.ts'
import { listMap, unchecked } from '../lib/kind/field.ts'
import { type DesiredOf, defineKind, type ObjectOf } from '../lib/kind.ts'
import { defineConversion } from '../lib/convert.ts'
import type { Metadata } from '../lib/kube.ts'
import { defineController, defineOperator, watch } from '../lib/operator.ts'
import { defineReview, type ScaleObject } from '../lib/review.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Fails to compile unless `T` is true. */
const holds = <T extends true>(..._claim: T[]): void => {}

const MyApp = defineKind({
  group: 'apps.fairlead.dev',
  kind: 'MyApp',
  scope: 'Namespaced',
  versions: {
    v1beta1: { spec: z.object({ size: z.enum(['small', 'large']) }) },
    v1: {
      storage: true,
      spec: z.object({ image: z.string().min(1), replicas: z.int().min(0).max(50).default(1) }),
      status: z.object({ readyReplicas: z.int(), ...conditions }),
    },
  },
})
type MyApp = ObjectOf<typeof MyApp>

const deploymentFor = (app: MyApp): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app.metadata.name },
  spec: { replicas: app.spec.replicas, selector: {}, template: { spec: { containers: [] } } },
})
const configFor = (app: MyApp): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: app.metadata.name },
})

const myapp = defineController(MyApp, {
  owns: [Deployment, Service, ConfigMap],
  watches: [watch(EndpointSlice, { map: ({ name, namespace }) => [{ name, namespace }] })],
  async reconcile(app, { apply, api, event, status }) {
    holds<Equal<typeof app, MyApp>>()
    const [deployment, , config] = await apply([deploymentFor(app), null, configFor(app)])
    holds<Equal<typeof deployment.metadata.uid, string>>()
    holds<Equal<typeof config.data, { [name: string]: string } | undefined>>()
    status({ readyReplicas: deployment.status?.readyReplicas ?? 0 })
    status({ conditions: [] })
    // @ts-expect-error the status has no such field
    status({ ready: 1 })
    // @ts-expect-error nor of such a type
    status({ readyReplicas: '1' })
    const live = await api.get(Deployment, app.metadata)
    holds<Equal<NonNullable<typeof live>['metadata'], Metadata>>()
    event.normal('Seen', `${live?.spec?.replicas}`)
    return { afterSeconds: 300 }
  },
  async finalize(app) {
    holds<Equal<typeof app.spec.replicas, number>>()
  },
})

describe('types', () => {
  it('give the spec with its defaults filled', () => {
    holds<Equal<MyApp['spec'], { image: string; replicas: number }>>()
    holds<Equal<MyApp['metadata'], Metadata>>()
  })

  it('give a status that may be absent, in whole and in each field', () => {
    holds<Equal<MyApp['status'] extends object | undefined ? true : false, true>>()
    type Status = NonNullable<MyApp['status']>
    holds<Equal<Status['readyReplicas'], number | undefined>>()
    holds<Equal<NonNullable<Status['conditions']>[number]['status'], 'True' | 'False' | 'Unknown'>>()
  })

  it('give each version its own', () => {
    holds<Equal<ObjectOf<typeof MyApp.versions.v1beta1>['spec'], { size: 'small' | 'large' }>>()
    holds<Equal<ObjectOf<typeof MyApp.versions.v1>, MyApp>>()
    // @ts-expect-error there is no such version
    assert.equal(MyApp.versions.v2, undefined)
  })

  it('let a desired object leave out what has a default', () => {
    const desired: DesiredOf<typeof MyApp> = {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata: { name: 'web' },
      spec: { image: 'nginx' },
    }
    assert.equal(desired.spec.replicas, undefined)
  })

  it('type a kind with one version without storage: true', () => {
    const Site = defineKind({
      group: 'apps.example.com',
      kind: 'Site',
      scope: 'Cluster',
      versions: {
        v1: {
          spec: z.object({ pod: unchecked<{ a: 1 }>(), ports: listMap('port', z.object({ port: z.int() })) }),
        },
      },
    })
    holds<Equal<ObjectOf<typeof Site>['spec'], { pod: { a: 1 }; ports: { port: number }[] }>>()
    const item = z.object({ port: z.int() })
    // @ts-expect-error the key of a list map is a field of its items
    assert.ok(listMap('name', item))
  })

  it('hold the keys of .meta()', () => {
    // @ts-expect-error no such list type
    const schema = z.array(z.string()).meta({ 'x-kubernetes-list-type': 'bag' })
    assert.ok(schema)
  })

  it('let controllers of different kinds stand side by side', () => {
    const slices = defineController(EndpointSlice, { reconcile: (slice) => void slice.endpoints.length })
    assert.equal(defineOperator('fairlead', [myapp, slices]).controllers.length, 2)
  })

  it('type what reviews see: the object as it will be, its draft, a Scale for scale', () => {
    const review = defineReview(MyApp, {
      default(app) {
        holds<Equal<typeof app.spec.replicas, number>>()
        app.spec.image = app.spec.image.trim()
        // @ts-expect-error a draft holds what the object holds
        app.spec.image = 7
      },
      validate(app, { old, refuse }) {
        holds<Equal<typeof app, MyApp>>()
        holds<Equal<typeof old, MyApp | undefined>>()
        refuse('spec.image', 'must be fine')
      },
    })
    const scale = defineReview(Deployment, {
      subresource: 'scale',
      validate: (object) => holds<Equal<typeof object, ScaleObject>>(),
    })
    assert.equal(defineOperator('fairlead', [], { reviews: [review, scale] }).reviews.length, 2)
  })

  it('type the edges of a conversion by the versions they lead between', () => {
    const back = { 'v1 -> v1beta1': () => ({ spec: { size: 'small' as const } }) }
    const conversion = defineConversion(MyApp, {
      ...back,
      'v1beta1 -> v1': ({ spec }) => {
        holds<Equal<typeof spec.size, 'small' | 'large'>>()
        return { spec: { image: spec.size } }
      },
    })
    assert.equal(conversion.name, 'myapp')
    // @ts-expect-error v1 has no size
    assert.ok(defineConversion(MyApp, { ...back, 'v1beta1 -> v1': () => ({ spec: { size: 'small' } }) }))
  })

  it('refuse a reconcile that returns something else than when to look again', () => {
    // @ts-expect-error a number is no result
    assert.ok(defineController(MyApp, { reconcile: () => 300 }))
  })
})
