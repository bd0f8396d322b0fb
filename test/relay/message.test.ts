import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Message, messageSchema } from '../../lib/message.ts'
import { mergeWakes, toMessage } from '../../lib/relay/message.ts'
import { apps } from '../relay.run.ts'

const message = (cause: string, extra: Partial<Message> = {}): Message => ({
  ...toMessage({ controller: apps(), key: { namespace: 'default', name: 'web' }, cause }, 'c1', 'change'),
  ...extra,
})

describe('toMessage', () => {
  it('cuts a cause to what the schema of a message allows', () => {
    const parsed = messageSchema.parse(message('x'.repeat(2_000)))
    assert.equal(parsed.causes[0]?.length, 512)
  })
})

describe('mergeWakes', () => {
  it('a change raises the lane, and nothing lowers it', () => {
    const background = message('found', { lane: 'background' })
    assert.equal(mergeWakes(background, message('created')).lane, 'change')
    assert.equal(mergeWakes(message('created'), background).lane, 'change')
    assert.equal(mergeWakes(background, background).lane, 'background')
  })

  it('keeps the newest version, and none where one of the two did not come from the primary', () => {
    const [older, newer] = [message('a', { resourceVersion: '1' }), message('b', { resourceVersion: '2' })]
    assert.equal(mergeWakes(older, newer).resourceVersion, '2')
    assert.equal(mergeWakes(older, message('child')).resourceVersion, undefined)
    assert.equal(mergeWakes(message('child'), newer).resourceVersion, undefined)
  })

  it('unites causes: each once, in order, the newest sixteen', () => {
    assert.deepEqual(mergeWakes(message('a'), message('a')).causes, ['a'])
    const all = Array.from({ length: 20 }, (_, index) => `c${index}`)
    const merged = all.map((cause) => message(cause)).reduce(mergeWakes)
    assert.deepEqual(merged.causes, all.slice(4))
    messageSchema.parse(merged)
  })
})
