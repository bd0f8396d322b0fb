import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { printer } from '../../functions/print.ts'
import type { Happening } from '../../lib/index.ts'

function linesOf(happening: Happening, color = false): string[] {
  const lines: string[] = []
  printer((line) => void lines.push(line), { color, now: () => 0 })(happening)
  return lines
}

const failed = (error: string): Happening => ({
  type: 'failed',
  controller: 'site',
  key: 'default/docs',
  error,
})

describe('printer', () => {
  it('writes one line: time, what, whom, how', () => {
    assert.deepEqual(linesOf(failed('no quota')), ['00:00:00.000 failed     site default/docs  no quota'])
  })

  it('has words for what changes state: a lease, a key that runs in a circle, and for what arrives', () => {
    const happenings: Happening[] = [
      { type: 'lease', name: 'fairlead-relay', state: 'waiting', detail: 'held by one' },
      { type: 'rate', state: 'limited', key: 'site default/docs', detail: 'at most 1 run per second' },
      { type: 'rate', state: 'calm', key: 'site default/docs', detail: '' },
      { type: 'received', sender: 'east', code: 202, accepted: 2, ignored: 0 },
      { type: 'received', code: 401, accepted: 0, ignored: 0, detail: 'who is asking is not known' },
    ]
    assert.deepEqual(
      happenings.flatMap((happening) => linesOf(happening)),
      [
        '00:00:00.000 waiting    lease fairlead-relay  held by one',
        '00:00:00.000 limited    site default/docs  at most 1 run per second',
        '00:00:00.000 calm       site default/docs',
        '00:00:00.000 received   from east  202: 2 messages, 0 ignored',
        '00:00:00.000 received   from nobody known  401: 0 messages, 0 ignored: who is asking is not known',
      ],
    )
  })

  it('shows control characters instead of obeying them, and keeps to one line', () => {
    const [line = ''] = linesOf(failed('a\nready\r\u001b[2J\u009b\u202e\u2028'))
    assert.match(line, /a\\nready\\u000d\\u001b\[2J\\u009b\\u202e\\u2028$/)
  })

  it('colours only where it is asked to', () => {
    assert.ok(linesOf(failed('no'), true)[0]?.includes('\u001b[31mfailed'))
  })
})
