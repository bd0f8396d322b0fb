import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { APPLIED } from '../../lib/applied.ts'
import type { Metadata, OwnerReference } from '../../lib/kube.ts'
import {
  objectKey,
  ownerKindOf,
  pack,
  parseObjectKey,
  toFingerprint,
  unpack,
} from '../../lib/relay/fingerprint.ts'

const metadata = (extra: Partial<Metadata> = {}): Metadata => ({
  name: 'web',
  namespace: 'default',
  uid: 'f0e1d2c3-0000-4000-8000-000000000001',
  resourceVersion: '123456',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...extra,
})
const reference = (extra: Partial<OwnerReference>): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'web',
  uid: 'u',
  ...extra,
})
const none: ReadonlyMap<string, string> = new Map()
const node = ownerKindOf({ group: '', kind: 'Node' })
const deployment = ownerKindOf({ group: 'apps', kind: 'Deployment' })
const ownersOf = (ownerReferences: readonly OwnerReference[]) =>
  toFingerprint(
    metadata({ ownerReferences }),
    new Map([
      ['Node', node],
      ['apps/Deployment', deployment],
    ]),
  ).owners

describe('fingerprint', () => {
  it('D8: keeps owners by group and kind, whatever their version, and no others', () => {
    const owners = ownersOf([
      reference({ apiVersion: 'apps/v1beta2', controller: true }),
      reference({ apiVersion: 'other/v1', name: 'wrong-group' }),
      reference({ kind: 'ReplicaSet', name: 'wrong-kind' }),
      reference({ apiVersion: 'v1', kind: 'Node', name: 'n1' }),
    ])
    assert.deepEqual(owners, [
      { kind: deployment, isController: true, name: 'web' },
      { kind: node, isController: false, name: 'n1' },
    ])
  })

  it('case 19: a reference that cannot be read does not hide the others', () => {
    const broken = [{ name: 'x', uid: 'x', kind: 'Deployment' }, reference({ apiVersion: '', name: 'core' })]
    const owners = ownersOf([
      ...(broken as OwnerReference[]),
      reference({ apiVersion: 'a/b/c' }),
      reference({}),
    ])
    assert.deepEqual(
      owners.map(({ name }) => name),
      ['web'],
    )
  })

  it('is the same for labels and annotations in another order, and for none and an empty set', () => {
    const one = toFingerprint(metadata({ labels: { a: '1', b: '2' }, annotations: {} }), none)
    const other = toFingerprint(metadata({ labels: { b: '2', a: '1' } }), none)
    assert.deepEqual(one, other)
    assert.notEqual(one.labels, toFingerprint(metadata({ labels: { a: '1', b: '3' } }), none).labels)
  })

  it('keeps a hash of the mark of our applies only where objects are owned', () => {
    const marked = metadata({ annotations: { [APPLIED]: 'hash/set' } })
    assert.equal(toFingerprint(marked, none).applied, '')
    assert.notEqual(toFingerprint(marked, new Map([['Node', node]])).applied, '')
  })

  it('holds no label, annotation or mark', () => {
    const packed = pack(
      toFingerprint(
        metadata({ labels: { a: 'secret-1' }, annotations: { [APPLIED]: 'secret-2' } }),
        new Map([['Node', node]]),
      ),
    )
    assert.doesNotMatch(packed, /secret/)
    assert.ok(packed.length < 110, `${packed.length} characters`)
  })

  it('survives packing, whatever the names', async () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9.:*-]{1,40}$/)
    const plain = { noNullPrototype: true }
    const owner = fc.record(
      { kind: fc.stringMatching(/^[0-9a-z]{5}$/), isController: fc.boolean(), name },
      plain,
    )
    const fingerprint = fc.record(
      {
        uid: fc.uuid(),
        resourceVersion: fc.nat().map(String),
        generation: fc.option(fc.nat(), { nil: undefined }),
        labels: fc.constantFrom('', 'abc'),
        annotations: fc.constantFrom('', 'def'),
        isDeleting: fc.boolean(),
        applied: fc.constantFrom('', 'ghi'),
        owners: fc.array(owner, { maxLength: 4 }),
      },
      plain,
    )
    await fc.assert(fc.property(fingerprint, (value) => assert.deepEqual(unpack(pack(value)), value)))
  })

  it('keys of objects go there and back, with and without a namespace', () => {
    for (const key of [{ namespace: 'default', name: 'web' }, { name: 'system:node' }])
      assert.deepEqual(parseObjectKey(objectKey(key)), key)
  })
})
