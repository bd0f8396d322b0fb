/** Case 19 of the reference: the table of owner mapping. The rest of deciding is seen in test/relay.test.ts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMap, Namespace } from '../../lib/kind/builtin.ts'
import type { Metadata, OwnerReference } from '../../lib/kube.ts'
import { type Controller, defineController, defineOperator } from '../../lib/operator.ts'
import { decide, type Judging } from '../../lib/relay/decide.ts'
import { parseObjectKey, toFingerprint } from '../../lib/relay/fingerprint.ts'
import { planSources, type Source } from '../../lib/relay/plan.ts'
import { apps, ownedBy, Tenant } from '../relay.run.ts'

const judging: Judging = {
  isSelected: () => true,
  isKnown: () => true,
  failed: (_controller, _key, error) => assert.fail(String(error)),
}

const sourceOf = (controllers: readonly Controller[], plural = 'configmaps'): Source => {
  const source = planSources(defineOperator('test', controllers), 'c1').find(
    ({ resource }) => resource.plural === plural,
  )
  assert.ok(source)
  return source
}

let version = 0
const child = (ownerReferences: readonly OwnerReference[]): Metadata => ({
  name: 'child',
  uid: 'u',
  resourceVersion: `${++version}`,
  creationTimestamp: '',
  ownerReferences,
})

/** Whom a change of the child's owners from `before` to `after` wakes. */
function owners(
  source: Source,
  before: readonly OwnerReference[] | undefined,
  after?: readonly OwnerReference[],
  key = 'default/child',
) {
  const print = (references: readonly OwnerReference[] | undefined) =>
    references && toFingerprint(child(references), source.ownerKinds)
  const transition = {
    key: parseObjectKey(key),
    before: print(before),
    after: print(after),
    appliedBy: undefined,
    initial: undefined,
    origin: undefined,
    interests: source.interests,
  }
  return decide(source, transition, judging).map(({ controller, key }) =>
    [controller.name, key.namespace ?? '-', key.name].join(' '),
  )
}

const plain = (name: string) => ownedBy(name, { controller: false })
const withoutFlag = (name: string) => ownedBy(name, { controller: undefined })

describe('owner mapping (case 19)', () => {
  const source = sourceOf([apps({ owns: [ConfigMap] })])
  const every = sourceOf([apps({ owns: [ConfigMap], owners: 'every' })])

  it('wakes the owner that is the controller, and no other', () => {
    const references = [plain('a'), withoutFlag('b'), ownedBy('c')]
    assert.deepEqual(owners(source, undefined, references), ['app default c'])
  })

  it('wakes every owner of the kind where that is asked for', () => {
    const references = [plain('a'), withoutFlag('b'), ownedBy('c')]
    assert.deepEqual(owners(every, undefined, references), [
      'app default a',
      'app default b',
      'app default c',
    ])
  })

  it('D8: ignores the version, not the group or the kind', () => {
    assert.deepEqual(owners(source, undefined, [ownedBy('a', { apiVersion: 'test.fairlead.dev/v2beta1' })]), [
      'app default a',
    ])
    assert.deepEqual(owners(source, undefined, [ownedBy('a', { apiVersion: 'example.com/v1' })]), [])
    assert.deepEqual(owners(source, undefined, [ownedBy('a', { kind: 'Tenant' })]), [])
  })

  it('D7: wakes the owners of before and after, each once', () => {
    assert.deepEqual(owners(source, [ownedBy('a')], [ownedBy('b')]), ['app default a', 'app default b'])
    assert.deepEqual(owners(source, [ownedBy('a')], [ownedBy('a')]), ['app default a'])
    assert.deepEqual(owners(every, [plain('a'), plain('b')], [plain('b'), plain('c')]).sort(), [
      'app default a',
      'app default b',
      'app default c',
    ])
    assert.deepEqual(owners(source, [ownedBy('a')], undefined), ['app default a'])
  })

  it('wakes nobody for a child without owners', () => {
    assert.deepEqual(owners(source, undefined, []), [])
  })

  it('a bad apiVersion in one reference does not hide the next', () => {
    assert.deepEqual(owners(source, undefined, [ownedBy('a', { apiVersion: 'a/b/c' }), ownedBy('b')]), [
      'app default b',
    ])
  })

  it('a cluster-scoped owner is woken without a namespace', () => {
    const tenants = defineController(Tenant, { owns: [ConfigMap], reconcile() {} }) as Controller
    assert.deepEqual(owners(sourceOf([tenants]), undefined, [ownedBy('acme', { kind: 'Tenant' })]), [
      'tenant - acme',
    ])
  })

  it('a cluster-scoped child cannot name an owner in a namespace', () => {
    const namespaces = sourceOf([{ ...apps(), owns: [Namespace] }], 'namespaces')
    assert.deepEqual(owners(namespaces, undefined, [ownedBy('a')], 'child'), [])
  })

  it('controllers that share a source are told of their own kind and by their own rule', () => {
    const tenants = defineController(Tenant, {
      owns: [ConfigMap],
      owners: 'every',
      reconcile() {},
    }) as Controller
    const shared = sourceOf([apps({ owns: [ConfigMap] }), tenants])
    const references = [plain('a'), ownedBy('b'), ownedBy('acme', { kind: 'Tenant', controller: false })]
    assert.deepEqual(owners(shared, undefined, references).sort(), ['app default b', 'tenant - acme'])
  })
})
