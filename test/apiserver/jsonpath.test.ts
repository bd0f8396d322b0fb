import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonPath } from '../../lib/apiserver/jsonpath.ts'
import { parsePath } from '../../lib/apiserver/jsonpathParse.ts'
import type { Json } from '../../lib/apiserver/resource.ts'

const object: Json = {
  text: 'x',
  none: null,
  list: ['a', 'b', 'c', 'd'],
  map: { k: 'v' },
  'with.dot': 'dotted',
  items: [
    { n: 1, name: 'one', ready: true },
    { n: 2, name: 'two', ready: false },
    { n: 2.5, name: 'half' },
  ],
}

/** What each path finds (a real kube-apiserver v1.36, by Tables of a CRD with these columns). */
const cases: [path: string, found: Json[]][] = [
  ['.text', ['x']],
  ['{.text}', ['x']],
  [' .text', ['x']],
  ['$.text', ['x']],
  ['.', []],
  ['.none', [null]],
  ['.none.deeper', []],
  ['.text.deeper', []],
  ['.absent', []],
  ['.constructor', []],
  ['.list[0]', ['a']],
  ['.list[-1]', ['d']],
  ['.list[9]', []],
  ['.list[1:3]', ['b', 'c']],
  ['.list[:2]', ['a', 'b']],
  ['.list[2:]', ['c', 'd']],
  ['.list[-2:]', ['c', 'd']],
  ['.list[::2]', ['a', 'c']],
  ['.list[2:1]', []],
  ['.list[1:1]', []],
  ['.list[0,2]', ['a', 'c']],
  ['.list[*]', ['a', 'b', 'c', 'd']],
  ['.text[0]', []],
  ['.map.*', ['v']],
  ['.map[*]', []],
  ["['text']", ['x']],
  ["['with.dot']", []],
  ["['with\\.dot']", ['dotted']],
  ['.with\\.dot', ['dotted']],
  ['.items[*].name', ['one', 'two', 'half']],
  ['.items..name', ['one', 'two', 'half']],
  ['.items[?(@.name=="two")].n', [2]],

  [".items[?(@.name=='two')].n", [2]],
  ['.items[?(@.ready==true)].name', ['one']],
  ['.items[?(@.ready)].name', ['one', 'two']],
  ['.text true', [true]],
]

describe('JSON paths of columns', () => {
  for (const [path, found] of cases)
    it(`${path} finds ${JSON.stringify(found).slice(0, 40)}`, () => {
      assert.deepEqual(jsonPath(object, path), found)
    })

  it('compare numbers of one kind only: an integer with a fraction makes the whole path fail', () => {
    const whole: Json = { items: [{ n: 1 }, { n: 3 }, { m: 0 }] }
    assert.deepEqual(jsonPath(whole, '.items[?(@.n>1)].n'), [3])
    assert.deepEqual(jsonPath(whole, '.items[?(@.n<=1)].n'), [1])
    assert.deepEqual(jsonPath(whole, '.items[?(@.n!=1)].n'), [3])
    assert.deepEqual(jsonPath(object, '.items[?(@.n>1)].n'), [])
    assert.deepEqual(jsonPath(whole, '.items[?(@.n=="1")].n'), [])
    assert.deepEqual(jsonPath(whole, '.items[?(@.n=1)].n'), [])
  })

  for (const path of ['.a[', '.a[x]', '.a[-]', '.a[?(@.b', '.a[?(@.b)', '.a....b', '.a["b"]'])
    it(`${path} is no path`, () => {
      assert.equal(parsePath(path), undefined)
      assert.deepEqual(jsonPath({ a: 1 }, path), [])
    })
})
