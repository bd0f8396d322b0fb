/** CRDs that are refused. */
import { type Changes, changed } from '../record/change.ts'
import { CRDS, obj, str } from '../record/objects.ts'
import type { Source } from '../record/recorder.ts'

export const scenarios: readonly Source[] = [
  [
    'non-structural',
    'Schemas that are not structural, or otherwise refused.',
    async (t) => {
      const bad = (schema: object | undefined, note: string, more: object = {}) =>
        t.post(`${CRDS}?dryRun=All`, t.crdObject({ kind: 'Widget', schema, ...more }), { note })
      await bad({}, 'no type at the root')
      await bad({ type: 'string' }, 'the root is not an object')
      await bad(obj({ spec: { properties: { a: str } } }), 'a nested type is missing')
      await bad(obj({ spec: { type: 'array' } }), 'an array without items')
      await bad(obj({ spec: { type: 'array', items: {} } }), 'items without a type')
      await bad(
        obj({ spec: obj({ a: str }, { additionalProperties: str }) }),
        'properties and additionalProperties together',
      )
      await bad(obj({ spec: { type: 'object', additionalProperties: false } }), 'additionalProperties false')
      await bad(
        obj({ spec: { anyOf: [{ type: 'string' }, { type: 'integer' }] } }),
        'types only in a junctor',
      )
      await bad(obj({ spec: obj({ a: str }, { allOf: [obj({ b: str })] }) }), 'a property only in a junctor')
      await bad(obj({ spec: { type: 'array', items: str, uniqueItems: true } }), 'uniqueItems')
      await bad(
        obj({ metadata: obj({ labels: { type: 'object', additionalProperties: str } }) }),
        'metadata restricts more than names',
      )
      await bad(
        obj({ metadata: obj({ name: { type: 'string', maxLength: 10 } }) }),
        'a name restriction is allowed',
      )
      await bad(
        obj({ spec: { type: 'integer', 'x-kubernetes-int-or-string': true } }),
        'int-or-string with a type',
      )
      await bad(
        obj({ spec: { type: 'string', 'x-kubernetes-preserve-unknown-fields': true } }),
        'preserve on a string',
      )
      await bad(
        obj({ spec: { type: 'object', 'x-kubernetes-embedded-resource': true } }),
        'an embedded resource without fields',
      )
      await bad(
        obj({ spec: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' } }),
        'a set of granular objects',
      )
      await bad(
        obj({ spec: { type: 'array', items: obj({ n: str }), 'x-kubernetes-list-type': 'map' } }),
        'a map list without keys',
      )
      await bad(
        obj({
          spec: {
            type: 'array',
            items: obj({ n: str }),
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['n'],
          },
        }),
        'a map list whose key is neither required nor defaulted',
      )
      await bad(
        obj({
          spec: {
            type: 'array',
            items: obj({ n: str }),
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['m'],
          },
        }),
        'a map list with an unknown key',
      )
      await bad(obj({ spec: obj({ a: { type: 'string', default: 5 } }) }), 'a default of the wrong type')
      await bad(
        obj({ spec: obj({ a: { type: 'integer', minimum: 3, default: 1 } }) }),
        'a default that breaks its own rule',
      )
      await bad(obj({ spec: obj({ a: { type: 'string', pattern: '(' } }) }), 'a broken pattern')
      await bad(obj({ spec: { $ref: '#/definitions/x' } }), '$ref')
      await bad(obj({ spec: { type: 'str' } }), 'an unknown type')
      await bad(
        obj({ spec: { type: 'string', nullable: true, enum: ['a', null], default: null } }),
        'nullable with null as default is fine',
      )
      await bad(undefined, 'no schema', { versions: [{ name: 'v1', served: true, storage: true }] })
    },
  ],
  [
    'spec-errors',
    'Wrong names, scopes, versions, columns, subresources.',
    async (t) => {
      const bad = (note: string, changes: Changes, more: object = {}) =>
        t.post(`${CRDS}?dryRun=All`, changed(t.crdObject({ kind: 'Widget', ...more }), changes), { note })
      const [version = {}] = t.crdObject({ kind: 'Widget' }).spec.versions
      await bad('the name does not match', { '/metadata/name': `other.${t.group}` })
      await bad('no scope', { '/spec/scope': undefined })
      await bad('an unknown scope', { '/spec/scope': 'Global' })
      await bad('no versions', { '/spec/versions': [] })
      await bad('no storage version', { '/spec/versions/0/storage': false })
      await bad('two storage versions', { '/spec/versions/1': changed(version, { '/name': 'v2' }) })
      await bad('a version twice', { '/spec/versions/1': changed(version, { '/storage': false }) })
      await bad('a version name that is none', { '/spec/versions/0/name': 'V_1' })
      await bad('an upper-case plural', {
        '/spec/names/plural': 'Widgets',
        '/metadata/name': `Widgets.${t.group}`,
      })
      await bad('kind and list kind the same', { '/spec/names/listKind': 'Widget' })
      await bad('a lower-case kind is fine for the validator', { '/spec/names/kind': 'bad kind' })
      await bad(
        'a column without a path',
        {},
        {
          additionalPrinterColumns: [{ name: 'A', type: 'string' }],
        },
      )
      await bad(
        'a column of an unknown type',
        {},
        {
          additionalPrinterColumns: [{ name: 'A', type: 'color', jsonPath: '.spec.a' }],
        },
      )
      await bad(
        'a column with a broken path',
        {},
        {
          additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'spec.a[' }],
        },
      )
      await bad('scale without paths', {}, { subresources: { scale: {} } })
      await bad(
        'scale with a path outside spec',
        {},
        {
          subresources: { scale: { specReplicasPath: '.status.n', statusReplicasPath: '.spec.n' } },
        },
      )
      await bad('conversion by webhook without a client', {}, { conversion: { strategy: 'Webhook' } })
      await bad('an unknown conversion', {}, { conversion: { strategy: 'Magic' } })
      await bad('preserveUnknownFields true', {}, { preserveUnknownFields: true })
      await bad(
        'selectableFields of a list',
        {},
        {
          schema: obj({ spec: obj({ l: { type: 'array', items: str } }) }),
          selectableFields: [{ jsonPath: '.spec.l' }],
        },
      )
      await bad(
        'selectableFields that do not exist',
        {},
        {
          schema: obj({ spec: obj({ l: str }) }),
          selectableFields: [{ jsonPath: '.spec.none' }],
        },
      )
      await bad('a protected group', { '/spec/group': 'x.k8s.io', '/metadata/name': 'widgets.x.k8s.io' })
      await bad('an unknown field', { '/spec/bogus': 1 })
      await bad('status is not taken from the client; dry run', { '/status': { storedVersions: ['v9'] } })
    },
  ],
]
