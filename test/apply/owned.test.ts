import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ownsAll } from '../../lib/apply/owned.ts'

const fields = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:ownerReferences': { 'k:{"uid":"u1"}': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:selector': {},
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"main"}': {
            '.': {},
            'f:image': {},
            'f:name': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            'f:args': {},
          },
        },
      },
    },
  },
  'f:finalizers': { 'v:"a"': {} },
}

const desired = {
  metadata: { labels: { app: 'web' }, ownerReferences: [{ uid: 'u1', name: 'x' }] },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }], args: ['-v'] }] },
    },
  },
  finalizers: ['a'],
}

const without = (change: (copy: typeof desired) => void) => {
  const copy = structuredClone(desired)
  change(copy)
  return copy
}

describe('ownsAll (C9, C10)', () => {
  it('holds when every field is still owned, keys filled by defaults included', () => {
    assert.equal(ownsAll(desired, fields), true)
  })

  it('does not look at values, so that normalised quantities and defaults never differ', () => {
    assert.equal(
      ownsAll(
        without((copy) => Object.assign(copy.spec, { replicas: '1' })),
        fields,
      ),
      true,
    )
  })

  it('reads values as the server writes them', () => {
    assert.equal(ownsAll(['a&b', 'ü'], { 'v:"a\\u0026b"': {}, 'v:"ü"': {} }), true)
    assert.equal(ownsAll(['a&c'], { 'v:"a\\u0026b"': {} }), false)
  })

  it('finds the item that is meant among those that differ in a key left to its default', () => {
    const fields = {
      'k:{"port":53,"protocol":"SCTP"}': { 'f:port': {} },
      'k:{"port":53,"protocol":"TCP"}': { 'f:port': {}, 'f:name': {} },
    }
    assert.equal(ownsAll([{ port: 53, name: 'dns' }], fields), true)
  })

  it('counts null and undefined as not applied', () => {
    assert.equal(
      ownsAll(
        without((copy) => Object.assign(copy.spec, { paused: undefined, x: null })),
        fields,
      ),
      true,
    )
  })

  it('fails for a field that somebody else has taken', () => {
    const taken = structuredClone(fields) as { 'f:spec': { 'f:replicas'?: object } }
    delete taken['f:spec']['f:replicas']
    assert.equal(ownsAll(desired, taken as never), false)
  })

  it('fails for a list item that is not owned', () => {
    const more = without((copy) =>
      copy.spec.template.spec.containers.push({ name: 'side', image: 'x', ports: [], args: [] }),
    )
    assert.equal(ownsAll(more, fields), false)
  })

  it('fails for a set item that is not owned', () => {
    assert.equal(
      ownsAll(
        without((copy) => copy.finalizers.push('b')),
        fields,
      ),
      false,
    )
  })

  it('fails for a new field inside an owned list item', () => {
    const more = without((copy) =>
      Object.assign(copy.spec.template.spec.containers[0] ?? {}, { command: ['x'] }),
    )
    assert.equal(ownsAll(more, fields), false)
  })
})
