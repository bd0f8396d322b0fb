import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../../lib/apiserver/resource.ts'
import { deployment, fields, full, story, widget } from './sample.ts'

describe('the fields of a custom kind', () => {
  it('divides an object into fields as its schema says', () => {
    const one = story(widget)
    one.apply('one', full)
    assert.deepEqual(one.owners()['one/Apply'], {
      'f:spec': {
        ...fields('atomic list scalar'),
        'f:granular': { 'f:a': {}, 'f:deep': { 'f:c': {} } },
        'f:items': { 'k:{"name":"x"}': { '.': {}, ...fields('name value') } },
        'f:labels': { 'f:k': {} },
        'f:nested': { 'f:n': { '.': {}, 'f:v': {} } },
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
        'f:set': { 'v:"a"': {}, 'v:"b"': {} },
      },
    })
  })

  it('owns an empty map but not an empty list', () => {
    const one = story(widget)
    one.apply('one', { spec: { granular: {}, labels: {}, items: [], set: [] } })
    assert.deepEqual(one.owners()['one/Apply'], { 'f:spec': fields('granular labels') })
  })

  it('divides what a schema leaves open by its values', () => {
    const one = story(widget)
    one.apply('one', { spec: { free: { a: { b: 1 }, l: [{ c: 1 }] }, port: 'http' } })
    assert.deepEqual(one.owners()['one/Apply'], {
      'f:spec': { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:l': {} }, 'f:port': {} },
    })
  })

  it('owns the parts of an embedded object', () => {
    const one = story(widget)
    one.apply('one', { spec: { template: { kind: 'Pod', metadata: { finalizers: ['e/a'] } } } })
    assert.deepEqual(one.owners()['one/Apply'], {
      'f:spec': { 'f:template': { 'f:kind': {}, 'f:metadata': { 'f:finalizers': { 'v:"e/a"': {} } } } },
    })
  })
})

describe('the fields of a Deployment', () => {
  const patch = (containers: JsonObject[]): JsonObject => ({ spec: { template: { spec: { containers } } } })

  it('knows containers, their environment and their ports by key', () => {
    const one = story(deployment())
    one.apply(
      'one',
      patch([
        { name: 'main', image: 'i:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] },
      ]),
    )
    one.apply('injector', patch([{ name: 'side', image: 's:1' }]))
    assert.deepEqual(one.owners(), {
      'injector/Apply': {
        'f:spec': {
          'f:template': {
            'f:spec': { 'f:containers': { 'k:{"name":"side"}': { '.': {}, ...fields('image name') } } },
          },
        },
      },
      'one/Apply': {
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': {
                'k:{"name":"main"}': {
                  '.': {},
                  ...fields('image name'),
                  'f:env': { 'k:{"name":"A"}': { '.': {}, ...fields('name value') } },
                  'f:ports': {
                    'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                  },
                },
              },
            },
          },
        },
      },
    })
  })

  it('takes a missing key of a built-in list for the zero value', () => {
    const one = story(deployment())
    one.apply('one', patch([{ image: 'i' }]))
    assert.match(JSON.stringify(one.owners()), /k:\{\\"name\\":\\"\\"\}/)
  })
})
