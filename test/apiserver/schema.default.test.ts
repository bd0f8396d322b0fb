import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, JsonObject, Schema } from '../../lib/apiserver/resource.ts'
import { applyDefaults } from '../../lib/apiserver/schema/default.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const spec: Schema = {
  type: 'object',
  properties: {
    a: { type: 'string', default: 'A' },
    o: { type: 'object', properties: { x: { type: 'string', default: 'X' } } },
    od: { type: 'object', properties: { x: { type: 'string', default: 'X' } }, default: {} },
    list: { type: 'array', items: { type: 'object', properties: { v: { type: 'integer', default: 1 } } } },
    map: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { v: { type: 'string', default: 'V' } } },
    },
    nul: { type: 'string', nullable: true, default: 'D' },
    plainnul: { type: 'string', nullable: true },
    b: { type: 'boolean', default: false },
  },
}
const schema: Schema = { type: 'object', properties: { spec } }

const filled = (given: JsonObject): Json => {
  const object = structuredClone(given)
  applyDefaults(object, schema)
  return object
}

describe('applyDefaults', () => {
  it('creates no level that is absent and has no default itself', () => {
    assert.deepEqual(filled({}), {})
  })

  it('fills every level that exists or that a default has made', () => {
    assert.deepEqual(filled({ spec: { o: {}, list: [{}, { v: 5 }], map: { m: {} } } }), {
      spec: {
        a: 'A',
        o: { x: 'X' },
        od: { x: 'X' },
        list: [{ v: 1 }, { v: 5 }],
        map: { m: { v: 'V' } },
        nul: 'D',
        b: false,
      },
    })
  })

  it('takes null for absent where null is not allowed', () => {
    assert.deepEqual(filled({ spec: { a: null, o: null, od: null, nul: null, plainnul: null } }), {
      spec: { a: 'A', od: { x: 'X' }, nul: null, plainnul: null, b: false },
    })
  })

  it('drops a null under a free name that may not be null', () => {
    assert.deepEqual(filled({ spec: { map: { m: null } } }), {
      spec: { a: 'A', od: { x: 'X' }, map: {}, nul: 'D', b: false },
    })
  })

  it('does not share default values between objects', () => {
    const one = filled({ spec: {} }) as { spec: { od: JsonObject } }
    one.spec.od.x = 'changed'
    assert.deepEqual(filled({ spec: {} }), { spec: { a: 'A', od: { x: 'X' }, nul: 'D', b: false } })
  })
})

describe('prune', () => {
  const some: Schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          known: { type: 'string' },
          list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
          map: {
            type: 'object',
            additionalProperties: { type: 'object', properties: { a: { type: 'string' } } },
          },
          free: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { closed: { type: 'object', properties: { a: { type: 'string' } } } },
          },
          any: { 'x-kubernetes-preserve-unknown-fields': true },
          plain: { type: 'object' },
          tpl: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
      },
    },
  }

  it('removes unknown fields at every level and names them', () => {
    const object: JsonObject = {
      spec: { known: 'k', x: 1, list: [{ a: 'a' }, { x: 2 }], map: { m: { x: 1 } }, plain: { gone: 1 } },
      top: 'gone',
    }
    assert.deepEqual(prune(object, some).unknown, [
      'spec.x',
      'spec.list[1].x',
      'spec.map.m.x',
      'spec.plain.gone',
      'top',
    ])
    assert.deepEqual(object, { spec: { known: 'k', list: [{ a: 'a' }, {}], map: { m: {} }, plain: {} } })
  })

  it('keeps what is preserved, but not below fields that have a schema', () => {
    const object: JsonObject = {
      spec: { free: { thing: [1, { two: 3 }], closed: { a: 'a', x: 1 } }, any: [1, { three: null }] },
    }
    assert.deepEqual(prune(object, some).unknown, ['spec.free.closed.x'])
    assert.deepEqual(object, {
      spec: { free: { thing: [1, { two: 3 }], closed: { a: 'a' } }, any: [1, { three: null }] },
    })
  })

  it('knows the metadata of an embedded resource', () => {
    const object: JsonObject = {
      spec: { tpl: { kind: 'X', metadata: { name: 'x', bogus: 1 }, data: { k: 'v' } } },
    }
    assert.deepEqual(prune(object, some).unknown, ['spec.tpl.metadata.bogus'])
    assert.deepEqual(object, { spec: { tpl: { kind: 'X', metadata: { name: 'x' }, data: { k: 'v' } } } })
  })
})
