import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMap, Deployment, Secret } from '../../lib/kind/builtin.ts'
import { type Controller, watch, defineOperator } from '../../lib/operator.ts'
import { generationChanged, labelsChanged, not, or } from '../../lib/operator/predicate.ts'
import { planSources } from '../../lib/relay/plan.ts'
import { apps } from '../relay.run.ts'

const plan = (...controllers: readonly Controller[]) => planSources(defineOperator('test', controllers), 'c1')

describe('planSources', () => {
  it('makes one source per resource, scope and selector, shared by all who want it', () => {
    const watches = [watch(ConfigMap, { map: () => [] }), watch(Secret, { labels: 'a=b', map: () => [] })]
    const sources = plan(apps({ owns: [ConfigMap, Deployment] }), apps({ name: 'other', watches }))
    const wants = sources.map(
      ({ resource, interests }) =>
        `${resource.plural}: ${interests.map(({ type, controller }) => `${type} ${controller.name}`).join(', ')}`,
    )
    assert.deepEqual(wants, [
      'apps: primary app, primary other',
      'configmaps: owned app, watched other',
      'deployments: owned app',
      'secrets: watched other',
    ])
  })

  it('keeps selectors and namespaces apart', () => {
    const sources = plan(
      apps(),
      apps({ name: 'some', labels: 'a=b' }),
      apps({ name: 'here', namespaces: ['x'] }),
    )
    assert.equal(sources.length, 3)
  })

  it('names sources and interests the same every time', () => {
    const options = { owns: [ConfigMap], predicate: or(labelsChanged, not(generationChanged)) }
    const all = (...controllers: readonly Controller[]) =>
      plan(...controllers).map(({ name, interests }) => [name, interests.map((interest) => interest.name)])
    const again = { ...options, predicate: or(labelsChanged, not(generationChanged)) }
    assert.deepEqual(all(apps(options)), all(apps(again)))
    assert.ok(plan(apps(options)).every(({ name }) => name.startsWith('c1|')))
  })

  it('gives an interest another name as soon as what was told may not be what is to be told', () => {
    const names = (options: Parameters<typeof apps>[0]) =>
      plan(apps(options)).flatMap(({ interests }) => interests.map(({ name }) => name))
    const base = { owns: [ConfigMap], watches: [watch(Secret, { map: () => [] })] }
    const changes: [string, Parameters<typeof apps>[0], readonly number[]][] = [
      ['predicate', { ...base, predicate: labelsChanged }, [0]],
      ['combination', { ...base, predicate: or(labelsChanged, generationChanged) }, [0]],
      ['revision', { ...base, revision: 'build 2' }, [0]],
      ['namespaces', { ...base, namespaces: { labels: 'a=b' } }, [0]],
      ['owners', { ...base, owners: 'every' }, [1]],
      ['map', { ...base, watches: [watch(Secret, { map: () => [{ name: 'x' }] })] }, [2]],
      [
        'watched predicate',
        { ...base, watches: [watch(Secret, { map: () => [], predicate: labelsChanged })] },
        [2],
      ],
    ]
    for (const [what, options, changed] of changes) {
      const [before, after] = [names(base), names(options)]
      const differing = before.flatMap((name, index) => (after[index] === name ? [] : [index]))
      assert.deepEqual(differing, changed, what)
    }
    const combined = names({ ...base, predicate: or(labelsChanged, generationChanged) })
    assert.notDeepEqual(combined, names({ ...base, predicate: or(generationChanged, labelsChanged) }))
  })
})
