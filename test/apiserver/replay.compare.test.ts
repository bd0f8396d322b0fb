/** What the comparison of transcripts tells, and what it lets pass: a differ that cannot fail proves nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Bindings, fill, fillText } from './transcripts/replay/bindings.ts'
import { compare, type Difference } from './transcripts/replay/compare.ts'
import type { Json } from './transcripts/replay/json.ts'

function differences(
  expected: Json,
  actual: Json,
  options: { anyOrder?: string[]; bindings?: Bindings } = {},
) {
  const found: Difference[] = []
  const { anyOrder = [], bindings = new Map() } = options
  compare(expected, actual, '', { bindings, differences: found, anyOrder })
  return found.map(({ path, expected, actual }) => `${path}: ${expected} / ${actual}`)
}

const UID = '11111111-1111-4111-8111-111111111111'
const OTHER_UID = '22222222-2222-4222-8222-222222222222'

const differing: [title: string, expected: Json, actual: Json, told: string[]][] = [
  ['a value that is another', { a: 1 }, { a: 2 }, ['/a: 1 / 2']],
  ['a text in place of a number', { a: 1 }, { a: '1' }, ['/a: 1 / "1"']],
  ['null in place of an object', { a: {} }, { a: null }, ['/a: {} / null']],
  ['an array in place of an object', { a: {} }, { a: [] }, ['/a: {} / []']],
  ['an object in place of an array', { a: [] }, { a: {} }, ['/a: [] / {}']],
  ['a field that is not there', { a: 1, b: 2 }, { a: 1 }, ['/b: 2 / (absent)']],
  ['a field more', { a: 1 }, { a: 1, b: 2 }, ['/b: (absent) / 2']],
  ['null where nothing should be', {}, { a: null }, ['/a: (absent) / null']],
  ['nothing where null should be', { a: null }, {}, ['/a: null / (absent)']],
  [
    'a key with a slash, escaped',
    { l: { 'a/b~c': '1' } },
    { l: { 'a/b~c': '2' } },
    ['/l/a~1b~0c: "1" / "2"'],
  ],
  ['an item less', { l: [1, 2] }, { l: [1] }, ['/l/#: 2 items / 1 items: [1]']],
  ['an item more', { l: [1] }, { l: [1, 2] }, ['/l/#: 1 items / 2 items: [1,2]']],
  ['another order', { l: [1, 2] }, { l: [2, 1] }, ['/l/0: 1 / 2', '/l/1: 2 / 1']],
  ['a time that is no RFC 3339', { t: '<time>' }, { t: '2024' }, ['/t: "<time>" / "2024"']],
  [
    'a time in seconds where six digits are meant',
    '<microtime>',
    '2024-01-01T00:00:00Z',
    ['/: "<microtime>" / "2024-01-01T00:00:00Z"'],
  ],
  ['an age that is none', '<age>', 'long', ['/: "<age>" / "long"']],
  ['a token in place of any object', '<object>', 'text', ['/: "<object>" / "text"']],
  ['an object in place of a token', '<any>', {}, ['/: "<any>" / {}']],
  [
    'text around a token',
    'at <time>.',
    'on 2024-01-01T00:00:00Z.',
    ['/: "at <time>." / "on 2024-01-01T00:00:00Z."'],
  ],
  ['a port that is a text', { p: '<port:1>' }, { p: 'http' }, ['/p: "<port:1>" / "http"']],
  ['version 0', '<rv:1>', '0', ['/: "<rv:1>" / "0"']],
]

const kept: [title: string, expected: Json, actual: Json][] = [
  ['the order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
  [
    'two times of one text that are not the same',
    '<time> to <time>',
    '2024-01-01T00:00:00Z to 2024-01-01T00:00:01Z',
  ],
  ['a port that is a number', { p: '<port:1>' }, { p: 30000 }],
  ['keys with tokens', { 'k:{"uid":"<uid:1>"}': 1, k: 2 }, { k: 2, [`k:{"uid":"${UID}"}`]: 1 }],
  ['a list with the version of its last object', ['<rv:1>', '<listrv:2>'], ['7', '7']],
  ['versions that are longer numbers', ['<rv:1>', '<rv:2>'], ['999', '1000']],
]

const promises: [title: string, expected: Json, actual: Json, told: string[]][] = [
  ['one uid that is two', ['<uid:1>', '<uid:1>'], [UID, OTHER_UID], [`/1: "<uid:1>" / "${OTHER_UID}"`]],
  [
    'two uids that are one',
    ['<uid:1>', '<uid:2>'],
    [UID, UID],
    [`/1: "<uid:2>" / "${UID}" (<uid:2> has the same value as <uid:1>)`],
  ],
  [
    'one uid that is two within a text',
    '<uid:1> <uid:1>',
    `${UID} ${OTHER_UID}`,
    [`/: "<uid:1> <uid:1>" / "${UID} ${OTHER_UID}"`],
  ],
  [
    'a later version that is not greater',
    ['<rv:1>', '<rv:2>'],
    ['7', '7'],
    ['/1: "<rv:2>" / "7" (order: <rv:2> is 7 but <rv:1> is 7)'],
  ],
  [
    'an earlier version, seen later, that is not less',
    ['<rv:2>', '<rv:1>'],
    ['7', '8'],
    ['/1: "<rv:1>" / "8" (order: <rv:1> is 8 but <rv:2> is 7)'],
  ],
  [
    'a list that is older than its object',
    ['<rv:1>', '<listrv:2>'],
    ['7', '6'],
    ['/1: "<listrv:2>" / "6" (order: <listrv:2> is 6 but <rv:1> is 7)'],
  ],
  [
    'an object written after a list, of the same version',
    ['<listrv:1>', '<rv:2>'],
    ['7', '7'],
    ['/1: "<rv:2>" / "7" (order: <rv:2> is 7 but <listrv:1> is 7)'],
  ],
  ['an address that changes', ['<ip:1>', '<ip:1>'], ['10.0.0.1', '10.0.0.2'], ['/1: "<ip:1>" / "10.0.0.2"']],
  [
    'a continue token that changes',
    ['<continue:1>', '<continue:1>'],
    ['abc', 'abd'],
    ['/1: "<continue:1>" / "abd"'],
  ],
]

describe('the comparison of transcripts', () => {
  for (const [title, expected, actual, told] of [...differing, ...promises])
    it(`tells ${title}`, () => assert.deepEqual(differences(expected, actual), told))

  for (const [title, expected, actual] of kept)
    it(`lets pass ${title}`, () => assert.deepEqual(differences(expected, actual), []))

  it('binds a token once and holds later answers to it', () => {
    const bindings: Bindings = new Map()
    assert.deepEqual(differences({ a: '<uid:1>' }, { a: UID }, { bindings }), [])
    assert.deepEqual(differences(`of <uid:1>`, `of ${OTHER_UID}`, { bindings }), [
      `/: "of <uid:1>" / "of ${OTHER_UID}"`,
    ])
  })
})

describe('arrays without an order', () => {
  const anyOrder = ['/events']

  it('pairs items that fit, and tells the one that does not', () => {
    const expected = { events: [{ n: 'a' }, { n: 'b' }] }
    assert.deepEqual(differences(expected, { events: [{ n: 'b' }, { n: 'a' }] }, { anyOrder }), [])
    assert.deepEqual(differences(expected, { events: [{ n: 'b' }, { n: 'c' }] }, { anyOrder }), [
      '/events/0/n: "a" / "b"',
      '/events/1/n: "b" / "c"',
    ])
    assert.deepEqual(differences(expected, { events: [{ n: 'b' }] }, { anyOrder }), [
      '/events/#: 2 items / 1 items',
      '/events/0/n: "a" / "b"',
      '/events/1: {"n":"b"} / (absent)',
    ])
    assert.deepEqual(differences({ events: [] }, { events: [1] }, { anyOrder }), [
      '/events/#: 0 items / 1 items',
    ])
  })

  it('tries a pair without binding its tokens', () => {
    const expected = {
      events: [
        ['<uid:1>', 'x'],
        ['<uid:2>', 'y'],
      ],
    }
    assert.deepEqual(
      differences(
        expected,
        {
          events: [
            [UID, 'y'],
            [OTHER_UID, 'x'],
          ],
        },
        { anyOrder },
      ),
      [],
    )
  })

  const cause = (field: string) => ({ reason: 'FieldValueInvalid', message: 'no', field })
  const invalid = (message: string, ...fields: string[]) => ({
    kind: 'Status',
    reason: 'Invalid',
    message,
    details: { name: 'x', causes: fields.map(cause) },
  })

  it('lets the causes of an invalid object, and their list in the message, come as they like', () => {
    const expected = invalid('"x" is invalid: [a: no, b: no]', 'a', 'b')
    assert.deepEqual(differences(expected, invalid('"x" is invalid: [b: no, a: no]', 'b', 'a')), [])
    assert.deepEqual(differences(expected, invalid('"x" is invalid: [b: no, c: no]', 'b', 'c')), [
      '/details/causes/0/field: "a" / "b"',
      '/details/causes/1/field: "b" / "c"',
      '/message: "\\"x\\" is invalid: [a: no, b: no]" / "\\"x\\" is invalid: [b: no, c: no]"',
    ])
  })

  it('holds everything else of such a status to what it was', () => {
    const expected = invalid('x', 'a', 'b')
    const actual = { ...invalid('x', 'b', 'a'), code: 422 }
    assert.deepEqual(differences(expected, actual), ['/code: (absent) / 422'])
    assert.deepEqual(differences({ ...expected, reason: 'Forbidden' }, { ...actual, reason: 'Forbidden' }), [
      '/details/causes/0/field: "a" / "b"',
      '/details/causes/1/field: "b" / "a"',
      '/code: (absent) / 422',
    ])
  })
})

describe('managedFields', () => {
  const entry = (manager: string, time: string, fields: object = {}) => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time,
    fieldsV1: { ...fields },
  })
  const of = (...managedFields: Json[]) => ({ metadata: { managedFields } })
  const [one, two] = ['2024-01-01T00:00:01Z', '2024-01-01T00:00:02Z']

  it('are paired by who they are of', () => {
    const expected = of(entry('a', '<time>', { 'f:x': {} }), entry('b', '<time>'))
    assert.deepEqual(differences(expected, of(entry('b', one), entry('a', two, { 'f:x': {} }))), [])
    assert.deepEqual(differences(expected, of(entry('a', one, { 'f:y': {} }), entry('c', two))), [
      '/metadata/managedFields/a|Update|v1|/fieldsV1/f:x: {} / (absent)',
      '/metadata/managedFields/a|Update|v1|/fieldsV1/f:y: (absent) / {}',
      `/metadata/managedFields/b|Update|v1|: ${JSON.stringify(entry('b', '<time>'))} / (absent)`,
      `/metadata/managedFields/c|Update|v1|: (absent) / ${JSON.stringify(entry('c', two))}`,
    ])
  })

  it('must be in the order of the server', () => {
    const expected = of(entry('a', '<time>'), entry('b', '<time>'))
    assert.deepEqual(differences(expected, of(entry('a', two), entry('b', one))), [
      '/metadata/managedFields/1: sorted by operation, time, manager, apiVersion, subresource / a|Update|v1| before b|Update|v1|',
    ])
  })
})

describe('what is filled into requests', () => {
  const bindings: Bindings = new Map([
    ['<run>', 'abc'],
    ['<port:1>', '30001'],
  ])

  it('takes values of this run, in keys too, and ports as numbers', () => {
    assert.deepEqual(fill(bindings, { '<run>.x': ['<run>', '<port:1>', ':<port:1>', 1, null] }), {
      'abc.x': ['abc', 30001, ':30001', 1, null],
    })
  })

  it('takes what an earlier answer held', () => {
    const bodies = new Map<string, Json>([['03', { list: [{ name: 'a', n: 5 }] }]])
    assert.equal(fillText(bindings, '/x?n=<ref:03#/list[name=a]/n>', bodies), '/x?n=5')
    assert.throws(
      () => fillText(bindings, '<ref:03#/none>', bodies),
      /<ref:03#\/none> has no value in this run/,
    )
    assert.throws(() => fillText(bindings, '<uid:9>'), /<uid:9> has no value in this run/)
  })
})
