/** A short torture; the long one is `npm run torture`. And the judge itself: what it must not let pass. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { check, type Evidence } from './torture/check.ts'
import type { Entry } from './torture/operator.ts'
import { torture } from './torture/run.ts'

describe('torture', () => {
  it('loses nothing, whenever the process is killed (R3, R4, R7, A2, A10, B2, B15)', async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const { problems, ...figures } = await torture({ kills: 6, seed })
    t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`)
    assert.deepEqual(problems, [], `npm run torture -- --kills 6 --seed ${seed}`)
    assert.ok(figures.runs > 20 && figures.deletes > 0, JSON.stringify(figures))
  })
})

describe('the judge of the torture', () => {
  const key = 'Probe default/a'
  const entry = (type: Entry['type'], at: number, more: Partial<Entry> = {}): Entry => ({
    type,
    at,
    pid: 1,
    key,
    uid: 'u1',
    ...more,
  })
  const judge = (journal: readonly Entry[], more: Partial<Evidence> = {}) =>
    check({
      journal,
      truth: { lives: [], changes: new Map([[key, 1]]) },
      stints: [
        { pid: 1, readyAt: 0, endedAt: 1_000 },
        { pid: 2, readyAt: 1_500, endedAt: 60_000 },
      ],
      ...more,
    }).problems

  it('lets a quiet history pass', () => {
    assert.deepEqual(
      judge([entry('begin', 1), entry('end', 2, { dueAt: 100 }), entry('begin', 101), entry('end', 102)]),
      [],
    )
  })

  it('sees two runs at once, in one process and in two', () => {
    assert.match(judge([entry('begin', 1), entry('begin', 2), entry('end', 3)]).join(), /two runs at once/)
    assert.match(judge([entry('begin', 1), entry('begin', 900, { pid: 2 })]).join(), /two runs at once/)
    assert.deepEqual(judge([entry('begin', 1), entry('begin', 1_600, { pid: 2 })]), [])
  })

  it('sees a timer that never fired, but not one whose process was down or whose object went', () => {
    const waiting = [entry('begin', 1), entry('end', 2, { dueAt: 100 })]
    assert.match(judge(waiting).join(), /due at 100, not run/)
    const down = [{ pid: 1, readyAt: 0, endedAt: 1_000 }]
    assert.deepEqual(judge(waiting, { stints: down }), [])
    const lives = [{ key, uid: 'u1', deletedAt: 150 }]
    const problems = judge([...waiting, entry('gone', 160)], {
      truth: { lives, changes: new Map([[key, 2]]) },
    })
    assert.deepEqual(problems, [])
  })

  it('sees runs that nothing accounts for', () => {
    const many = Array.from({ length: 4 }, (_, at) => [
      entry('begin', at * 10),
      entry('end', at * 10 + 1),
    ]).flat()
    assert.match(judge(many).join(), /4 runs, where 3 are accounted for/)
  })

  it('sees a deletion that nobody was told of', () => {
    const lives = [{ key, uid: 'u1', deletedAt: 5_000 }]
    const truth = { lives, changes: new Map([[key, 9]]) }
    const seen = [entry('begin', 1), entry('end', 2)]
    assert.match(judge(seen, { truth }).join(), /nobody was told/)
    assert.deepEqual(judge([...seen, entry('gone', 5_100)], { truth }), [])
    assert.deepEqual(
      judge([...seen, entry('begin', 5_100, { uid: 'u2' }), entry('end', 5_101)], { truth }),
      [],
    )
  })
})
