import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMap, Deployment, Secret } from '../../lib/kind/builtin.ts'
import { type Controller, watch } from '../../lib/operator.ts'
import { planSources } from '../../lib/relay/plan.ts'
import { apps } from '../relay.run.ts'

const plan = (...controllers: readonly Controller[]) => planSources({ name: 'test', controllers }, 'c1')
const namesOf = (...controllers: readonly Controller[]) => plan(...controllers).map(({ name }) => name)

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

  it('names sources the same every time, and otherwise as soon as what is remembered would not do', () => {
    const options = { owns: [ConfigMap] }
    assert.deepEqual(namesOf(apps(options)), namesOf(apps(options)))
    assert.deepEqual(namesOf(apps(), apps({ name: 'z' })), namesOf(apps({ name: 'z' }), apps()))
    const others = [apps({ owns: [ConfigMap], owners: 'every' }), apps({ ...options, name: 'other' })]
    for (const other of others) assert.notDeepEqual(namesOf(other).at(-1), namesOf(apps(options)).at(-1))
    assert.ok(namesOf(apps(options)).every((name) => name.startsWith('c1|')))
  })
})
