import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relayMetrics } from '../../lib/relay/metrics.ts'
import { fakeClock } from '../fake-clock.ts'

const linesOf = (text: string, name: string) =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line === name)

describe('relayMetrics', () => {
  it('counts messages by controller, and tells how long ago the last one was accepted', async () => {
    const clock = fakeClock()
    const metrics = relayMetrics(clock)
    const report = metrics.of('east', [])
    assert.deepEqual(linesOf(metrics.text(), 'fairlead_relay_last_sent_seconds'), [])
    for (const controller of ['app', 'app', 'other'])
      report({ type: 'sent', controller, key: 'a', causes: [] })
    await clock.advance(1_500)
    const text = metrics.text()
    assert.deepEqual(linesOf(text, 'fairlead_relay_sent_total'), [
      'fairlead_relay_sent_total{cluster="east",controller="app"} 2',
      'fairlead_relay_sent_total{cluster="east",controller="other"} 1',
    ])
    assert.deepEqual(linesOf(text, 'fairlead_relay_last_sent_seconds'), [
      'fairlead_relay_last_sent_seconds{cluster="east"} 1.5',
    ])
  })

  it('misses a source until it has been synced once, whatever becomes of it then', () => {
    const metrics = relayMetrics(fakeClock())
    const report = metrics.of('c', ['a', 'b'])
    const tell = (source: string, state: 'synced' | 'lost') =>
      report({ type: 'watch', kind: 'App', state, detail: '', source })
    assert.deepEqual(metrics.missing(), ['a', 'b'])
    tell('a', 'synced')
    tell('a', 'lost')
    tell('b', 'lost')
    assert.deepEqual(metrics.missing(), ['b'])
    assert.deepEqual(linesOf(metrics.text(), 'fairlead_relay_source_state'), [
      'fairlead_relay_source_state{cluster="c",source="a",state="lost"} 1',
      'fairlead_relay_source_state{cluster="c",source="b",state="lost"} 1',
    ])
  })

  it('tells whether queue and inventory accept, and how often a cluster began again', () => {
    const metrics = relayMetrics(fakeClock())
    const report = metrics.of('c', [])
    report({ type: 'store', store: 'inventory', state: 'refusing', detail: 'full' })
    metrics.restarted('c')
    assert.deepEqual(linesOf(metrics.text(), 'fairlead_relay_accepting'), [
      'fairlead_relay_accepting{cluster="c",store="queue"} 1',
      'fairlead_relay_accepting{cluster="c",store="inventory"} 0',
    ])
    assert.deepEqual(linesOf(metrics.text(), 'fairlead_relay_restarts_total'), [
      'fairlead_relay_restarts_total{cluster="c"} 1',
    ])
    report({ type: 'store', store: 'inventory', state: 'accepting', detail: '' })
    assert.match(metrics.text(), /store="inventory"} 1/)
  })

  it('writes names that have quotes so that they end where they end', () => {
    const metrics = relayMetrics(fakeClock())
    metrics.of('c', ['a\\"b\nc'])
    assert.match(metrics.text(), /source="a\\\\\\"b\\nc",/)
  })
})
