/** Watch bodies of every shape that a network can give them. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ApiError } from '../../lib/kube.ts'
import { readLines } from '../../lib/kube/lines.ts'
import { chunks, configMaps } from './script.ts'
import { statusOf } from './server.ts'

const asked = { verb: 'watch' as const, resource: configMaps }
const line = (name: string, type = 'ADDED') =>
  `${JSON.stringify({ type, object: { kind: 'ConfigMap', metadata: { name } } })}\n`
const read = async (...texts: string[]) => {
  const names: unknown[] = []
  for await (const one of readLines(chunks(...texts), asked)) names.push(one.object)
  return names
}

test('however a stream is cut into chunks, its lines are the same', async () => {
  const cuts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(cuts, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), async (names, sizes) => {
      const text = names.map((name) => line(name)).join('')
      const pieces: string[] = []
      for (let from = 0; from < text.length; ) {
        const size = sizes.next().value ?? 1
        pieces.push(text.slice(from, from + size))
        from += size
      }
      const objects = await read(...pieces)
      assert.deepEqual(
        objects,
        names.map((name) => ({ kind: 'ConfigMap', metadata: { name } })),
      )
    }),
    { numRuns: 50 },
  )
})

test('blank lines, carriage returns and a last line without its newline are fine', async () => {
  assert.equal((await read('\n\r\n', line('a'), '\n', line('b').trimEnd())).length, 2)
})

test('a stream that stops within a line delivers what was whole and then says that it broke', async () => {
  const got: unknown[] = []
  const reading = async () => {
    for await (const one of readLines(chunks(line('a'), line('secret').slice(0, 60)), asked))
      got.push(one.type)
  }
  await assert.rejects(reading, (error) => {
    assert(error instanceof ApiError)
    assert.equal(error.reason, 'BadAnswer')
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
  assert.deepEqual(got, ['ADDED'])
})

for (const [what, text] of Object.entries({
  'text that is not JSON': 'login please, token=hunter2\n',
  'an array': '[1]\n',
  'a line with no object': '{"type":"ADDED"}\n',
  'a type that nobody knows': '{"type":"RENAMED","object":{}}\n',
  'an ERROR line that is no Status': '{"type":"ERROR","object":{}}\n',
}))
  test(`${what} is an error and never skipped`, async () => {
    await assert.rejects(read(line('a'), text, line('b')), (error) => {
      assert(error instanceof ApiError)
      assert.equal(error.reason, 'BadAnswer')
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  })

test('an ERROR line is thrown with the code and reason of its Status: A2', async () => {
  const status = statusOf(410, 'Expired', 'too old resource version: 1 (5)')
  await assert.rejects(read(`${JSON.stringify({ type: 'ERROR', object: status })}\n`), {
    name: 'ApiError',
    code: 410,
    reason: 'Expired',
    message: 'too old resource version: 1 (5)',
  })
})

test('a line that never ends is given up at 8 Mi characters', async () => {
  const piece = 'x'.repeat(1024 * 1024)
  async function* endless() {
    for (;;) yield piece
  }
  const reading = async () => {
    for await (const one of readLines(endless(), asked)) assert.fail(`got ${one.type}`)
  }
  await assert.rejects(reading, { reason: 'BadAnswer', message: /longer than 8388608 characters/ })
})

test('whoever stops reading ends the stream', async () => {
  let isEnded = false
  async function* body() {
    try {
      for (;;) yield line('a')
    } finally {
      isEnded = true
    }
  }
  for await (const one of readLines(body(), asked)) {
    assert.equal(one.type, 'ADDED')
    break
  }
  assert(isEnded)
})
