import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchesLabels, parseLabelSelector } from '../lib/selector.ts'

const labels = { app: 'web', tier: 'front', 'example.com/team': 'a' }

describe('label selectors', () => {
  const cases: [selector: string | undefined, matches: boolean][] = [
    [undefined, true],
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app=db', false],
    ['app!=db', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['app', true],
    ['missing', false],
    ['!missing', true],
    ['!app', false],
    ['tier in (front, back)', true],
    ['tier in (back)', false],
    ['tier notin (back)', true],
    ['missing notin (back)', true],
    ['tier notin (front,back)', false],
    ['app=web,tier in (front,back),!legacy', true],
    ['app=web,tier in (front,back),legacy', false],
    ['example.com/team=a', true],
    ['app=', false],
    ['toString', false],
  ]
  for (const [selector, matches] of cases)
    it(`${selector ?? 'none'} ${matches ? 'selects' : 'leaves out'}`, () => {
      assert.equal(matchesLabels(selector, labels), matches)
    })

  it('matches unlabelled objects', () => {
    assert.equal(matchesLabels('app', undefined), false)
    assert.equal(matchesLabels('!app', undefined), true)
  })

  const wrong: [selector: string, part: RegExp][] = [
    ['app=web,', /part ""/],
    ['-app=x', /"-app" is not a label key/],
    ['app=we b', /part "app=we b"/],
    ['app in web', /part "app in web"/],
    ['app=a/b', /"a\/b" is not a label value/],
  ]
  for (const [selector, part] of wrong)
    it(`refuses "${selector}" and names the part`, () => {
      assert.throws(() => parseLabelSelector(selector), part)
    })
})
