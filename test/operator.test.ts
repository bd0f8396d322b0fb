import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { ConfigMap, Deployment, Namespace, Secret } from '../lib/kind/builtin.ts'
import { defineKind } from '../lib/kind.ts'
import { defineController, defineOperator, TerminalError, watch } from '../lib/operator.ts'
import { primaryChanged, resourceVersionChanged } from '../lib/operator/predicate.ts'

const Site = defineKind({
  group: 'apps.example.com',
  kind: 'Site',
  scope: 'Namespaced',
  versions: { v1: { spec: z.object({}), status: z.object({}) } },
})
const Region = defineKind({
  group: 'apps.example.com',
  kind: 'Region',
  scope: 'Cluster',
  versions: { v1: { spec: z.object({}) } },
})
const reconcile = () => {}

const messageOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'nothing was thrown'
}

/** Options that the compiler would refuse, as JavaScript would pass them. */
const wrong = (options: object): string =>
  messageOf(() => defineController(Site, options as Parameters<typeof defineController>[1]))

describe('defineController', () => {
  it('fills the defaults', () => {
    const { revision, ...controller } = defineController(Site, { reconcile })
    assert.match(revision, /^[0-9a-z]{14}$/)
    assert.deepEqual(controller, {
      name: 'site',
      kind: Site,
      owns: [],
      owners: 'controller',
      events: 'changes',
      watches: [],
      predicate: primaryChanged,
      selector: {},
      namespaces: 'all',
      concurrency: 10,
      deadlineSeconds: 25,
      attempts: 20,
      quietSeconds: 0.5,
      rateLimit: { burst: 100, perSecond: 1 },
      resyncSeconds: 36_000,
      finalizer: 'apps.example.com/site',
      fieldManager: 'site.apps.example.com',
      reconcile,
      finalize: undefined,
      gone: undefined,
    })
  })

  it('takes another revision from other functions, unless it is given one', () => {
    const revisionOf = (options: Partial<Parameters<typeof defineController>[1]>) =>
      defineController(Site, { reconcile, ...options }).revision
    assert.equal(revisionOf({}), revisionOf({}))
    assert.notEqual(revisionOf({}), revisionOf({ reconcile: () => ({ afterSeconds: 1 }) }))
    assert.notEqual(revisionOf({}), revisionOf({ finalize() {} }))
    assert.equal(revisionOf({ revision: 'build 7' }), 'build 7')
  })

  it('takes what it is given', () => {
    const controller = defineController(Site, {
      name: 'sites',
      labels: 'app=web,tier in (a,b)',
      fields: 'metadata.name!=x',
      namespaces: { labels: 'team' },
      owns: [Deployment, ConfigMap],
      owners: 'every',
      concurrency: 1,
      quietSeconds: 0,
      reconcile,
    })
    assert.deepEqual(controller.selector, { labels: 'app=web,tier in (a,b)', fields: 'metadata.name!=x' })
    assert.equal(controller.finalizer, 'apps.example.com/sites')
    assert.equal(controller.owners, 'every')
    assert.equal(controller.quietSeconds, 0)
  })

  it('uses a domain of its own on built-in kinds (R19)', () => {
    const { name, finalizer, fieldManager } = defineController(Deployment, { reconcile })
    assert.deepEqual(
      { name, finalizer, fieldManager },
      { name: 'deployment', finalizer: 'fairlead.dev/deployment', fieldManager: 'deployment.fairlead.dev' },
    )
  })
})

describe('defineController refuses at once, with the field, the rule and the value', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ concurrency: 0 }, 'concurrency must be an integer >= 1, got 0'],
    [{ concurrency: 1.5 }, 'concurrency must be an integer >= 1, got 1.5'],
    [{ attempts: 0 }, 'attempts must be an integer >= 1, got 0'],
    [{ deadlineSeconds: 0 }, 'deadlineSeconds must be a number > 0, got 0'],
    [{ quietSeconds: -5 }, 'quietSeconds must be a number >= 0, got -5'],
    [{ finalizer: 'sites' }, 'finalizer must have the form domain/name (example.com/sites), got "sites"'],
    [
      { fieldManager: 'x'.repeat(129) },
      `fieldManager must be 1 to 128 printable characters, got "${'x'.repeat(79)}...`,
    ],
    [
      { labels: 'app in a' },
      'labels must be a label selector (app=web,tier!=cache), got "app in a": label selector part "app in a": "app in a" is not a label key',
    ],
    [{ labels: ' ' }, 'labels must be a label selector (app=web,tier!=cache), got " "'],
    [{ fields: 'name' }, 'fields must be a field selector (metadata.name=web), got "name"'],
    [{ namespaces: [] }, 'namespaces must be "all", a list of names or { labels }, got []'],
    [{ namespaces: ['Prod'] }, 'namespaces must be RFC 1123 labels, got "Prod"'],
    [{ namespaces: ['a', 'a'] }, 'namespaces must be different, got ["a","a"]'],
    [{ events: 'none' }, 'events must be "changes" or "failures", got "none"'],
    [{ owners: 'all' }, 'owners must be "controller" or "every", got "all"'],
    [{ owns: [Secret, Secret] }, 'owns must name each kind once, got Secret twice'],
    [
      { owns: [Namespace] },
      'owns must not name the cluster-wide kind Namespace: a namespaced object cannot own it',
    ],
    [{ reconcile: undefined }, 'reconcile must be a function, got undefined'],
    [{ finalize: true }, 'finalize must be a function, got true'],
    [{ own: [Secret] }, 'own is no field of a controller'],
    [
      { permissions: [{ resource: Secret, verbs: ['read'] }] },
      'permissions of Secret must be verbs of get, list, watch, create, update, patch, delete, got ["read"]',
    ],
  ]
  for (const [part, problem] of cases)
    it(problem, () => assert.equal(wrong({ reconcile, ...part }), `Controller "site": ${problem}`))

  it('name', () =>
    assert.match(
      wrong({ reconcile, name: 'Sites' }),
      /^Controller "Sites": name must be an RFC 1035 label, lower case, got "Sites"/,
    ))

  it('namespaces of a cluster-wide kind', () =>
    assert.equal(
      messageOf(() => defineController(Region, { namespaces: ['a'], reconcile })),
      'Controller "region": namespaces must be left out for the cluster-wide kind Region',
    ))

  it('and everything together', () =>
    assert.deepEqual(wrong({ reconcile, attempts: 0, quietSeconds: NaN }).split('\n'), [
      'Controller "site": attempts must be an integer >= 1, got 0',
      'Controller "site": quietSeconds must be a number >= 0, got null',
    ]))
})

describe('watch', () => {
  const map = () => [{ name: 'web' }]

  it('counts every write unless told otherwise', () =>
    assert.deepEqual(watch(Secret, { labels: 'site', map }), {
      resource: Secret,
      selector: { labels: 'site' },
      predicate: resourceVersionChanged,
      map,
    }))

  it('refuses a selector that is none', () =>
    assert.match(
      messageOf(() => watch(Secret, { labels: 'a=b=c', map })),
      /^Controller: watch of Secret: labels must be a label selector/,
    ))
})

describe('defineOperator', () => {
  const site = defineController(Site, { reconcile })

  it('holds controllers of different kinds (R6)', () => {
    const controllers = [site, defineController(Deployment, { reconcile })]
    const operator = { name: 'fairlead', controllers, reviews: [], conversions: [] }
    assert.deepEqual(defineOperator('fairlead', controllers), operator)
  })

  it('refuses two controllers of one name', () =>
    assert.equal(
      messageOf(() =>
        defineOperator('fairlead', [site, defineController(Region, { name: 'site', reconcile })]),
      ),
      'Operator "fairlead": name must be unique, got "site" twice',
    ))

  it('refuses two controllers of one kind that would remove each other’s finalizer', () =>
    assert.equal(
      messageOf(() =>
        defineOperator('fairlead', [
          site,
          defineController(Site, { name: 'other', finalizer: site.finalizer, reconcile }),
        ]),
      ),
      'Operator "fairlead": finalizer must be unique, got "apps.example.com/site" twice',
    ))

  it('refuses a name that cannot be part of object names, and no controllers', () =>
    assert.deepEqual(messageOf(() => defineOperator('My Operator', [])).split('\n'), [
      'Operator "My Operator": name must be an RFC 1123 subdomain of 63 characters at most, got "My Operator"',
      'Operator "My Operator": controllers must name at least one, got []',
    ]))
})

describe('TerminalError', () => {
  it('keeps its cause', () => {
    const cause = new Error('no such image')
    const error = new TerminalError('cannot pull', { cause })
    assert.equal(error.cause, cause)
    assert.equal(error.name, 'TerminalError')
  })
})
