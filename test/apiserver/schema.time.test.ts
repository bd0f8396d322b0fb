import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalTime, timeProblem } from '../../lib/apiserver/schema/time.ts'

describe('times of built-in kinds', () => {
  const written: [given: string, isMicro: boolean, expected: string][] = [
    ['2024-01-01T00:00:00Z', false, '2024-01-01T00:00:00Z'],
    ['2024-01-01T00:00:00.9Z', false, '2024-01-01T00:00:00Z'],
    ['2024-01-01T00:00:00+02:00', false, '2023-12-31T22:00:00Z'],
    ['2024-01-01T00:00:00.123456+02:00', true, '2023-12-31T22:00:00.123456Z'],
  ]
  for (const [given, isMicro, expected] of written)
    it(`reads ${given} and writes it in UTC`, () => {
      assert.equal(timeProblem(given, isMicro), undefined)
      assert.equal(canonicalTime(given, isMicro), expected)
    })

  const refused: [given: string, isMicro: boolean, why: string][] = [
    ['soon', false, 'as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'],
    ['2024-01-01', false, 'as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['2024-13-01T00:00:00Z', false, 'month out of range'],
    ['2024-02-30T00:00:00Z', false, 'day out of range'],
    ['2024-01-01T24:00:00Z', false, 'hour out of range'],
    ['2024-01-01T00:00:00Z', true, 'as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"'],
    [
      '2024-01-01T00:00:00.123456789Z',
      true,
      'as "2006-01-02T15:04:05.000000Z07:00": cannot parse "789Z" as "Z07:00"',
    ],
  ]
  for (const [given, isMicro, why] of refused)
    it(`refuses ${given} as Go does: ${why}`, () => {
      const text = `parsing time "${given}"`
      assert.equal(timeProblem(given, isMicro), why.startsWith('as ') ? `${text} ${why}` : `${text}: ${why}`)
    })
})
