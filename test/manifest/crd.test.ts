import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { Deployment } from '../../lib/kind/builtin.ts'
import { rule } from '../../lib/kind/field.ts'
import type { KubeObject, Resource } from '../../lib/kube.ts'
import { defineKind } from '../../lib/kind.ts'
import { crdOf } from '../../lib/manifest/crd.ts'
import { startCluster } from '../cluster.ts'
import { accepted } from '../kind/constructs.ts'

const CRDS: Resource<KubeObject & { spec: { versions: { schema: { openAPIV3Schema: object } }[] } }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

const define = () =>
  defineKind({
    group: 'apps.example.com',
    kind: 'Site',
    scope: 'Namespaced',
    shortNames: ['st'],
    categories: ['all'],
    versions: {
      v1beta1: { spec: z.object({ size: z.int() }), served: false, deprecated: 'use v1' },
      v1: {
        storage: true,
        spec: z.object({ replicas: z.int().default(1), image: z.string() }),
        status: z.object({ replicas: z.int(), selector: z.string() }),
        columns: [{ name: 'Image', path: '.spec.image', type: 'string', priority: 1 }],
        scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.status.selector' },
        selectableFields: ['.spec.image'],
        rules: [rule('self.metadata.name.size() < 60', 'the name must be shorter than 60')],
      },
    },
  })

describe('crdOf', () => {
  it('describes names, versions, subresources, columns and rules (R16, R18)', () => {
    const crd = crdOf(define())
    const [v1beta1, v1] = crd?.spec.versions ?? []
    assert.equal(crd?.metadata.name, 'sites.apps.example.com')
    assert.deepEqual(crd?.spec.names, {
      kind: 'Site',
      listKind: 'SiteList',
      plural: 'sites',
      singular: 'site',
      shortNames: ['st'],
      categories: ['all'],
    })
    const { schema: _old, ...older } = v1beta1 ?? {}
    assert.deepEqual(older, {
      name: 'v1beta1',
      served: false,
      storage: false,
      deprecated: true,
      deprecationWarning: 'use v1',
    })
    const { schema, ...newer } = v1 ?? {}
    assert.deepEqual(newer, {
      name: 'v1',
      served: true,
      storage: true,
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
      additionalPrinterColumns: [
        { name: 'Image', type: 'string', priority: 1, jsonPath: '.spec.image' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
      selectableFields: [{ jsonPath: '.spec.image' }],
    })
    assert.deepEqual(schema?.openAPIV3Schema['x-kubernetes-validations'], [
      { rule: 'self.metadata.name.size() < 60', message: 'the name must be shorter than 60' },
    ])
    assert.deepEqual(schema?.openAPIV3Schema.properties?.spec, {
      type: 'object',
      properties: { replicas: { type: 'integer', default: 1 }, image: { type: 'string' } },
      required: ['image'],
    })
  })

  it('is the same text for the same definition', () =>
    assert.equal(JSON.stringify(crdOf(define())), JSON.stringify(crdOf(define()))))

  it('is plain JSON', () => {
    const crd = crdOf(define())
    assert.deepEqual(JSON.parse(JSON.stringify(crd)), crd)
  })

  it('has nothing to say of a built-in kind (R19)', () => assert.equal(crdOf(Deployment), undefined))

  it('is taken whole by an API server, with every construct of zod in it', async () => {
    await using cluster = await startCluster()
    const fields = accepted.map(([, schema], index) => [`f${index}`, schema.optional()] as const)
    const Everything = defineKind({
      group: 'all.example.com',
      kind: 'Everything',
      scope: 'Namespaced',
      versions: { v1: { spec: z.object(Object.fromEntries(fields)), status: z.object({}) } },
    })
    const crd = crdOf(Everything)
    assert.ok(crd)
    const created = await cluster.api.create(CRDS, crd)
    assert.deepEqual(
      created.spec.versions[0]?.schema.openAPIV3Schema,
      crd.spec.versions[0]?.schema.openAPIV3Schema,
    )
  })
})
