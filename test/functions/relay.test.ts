/** The resident relay against real API servers: what it sends, how it stands, and what does not hold it up. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { serveHealth } from '../../functions/health.ts'
import { serveRelay } from '../../functions/relay/serve.ts'
import { type Kube, keyText, type Message } from '../../lib/index.ts'
import { ConfigMap } from '../../lib/kind/builtin.ts'
import { defineOperator } from '../../lib/operator.ts'
import { startCluster } from '../cluster.ts'
import { fleetOf } from '../fleet.ts'
import { App, apps } from '../relay.run.ts'
import { scratchFolder } from '../scratch.ts'

const operator = defineOperator('test', [apps({ owns: [ConfigMap] })])
const app = (name: string) => ({
  apiVersion: 'test.fairlead.dev/v1',
  kind: 'App',
  metadata: { name, namespace: 'default' },
  spec: {},
})

/** A relay that runs in this process, and what it has sent and printed. */
function start(ways: Readonly<Record<string, () => Promise<Kube>>>, { state = '' } = {}) {
  const sent: string[] = []
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const tell = () => {
    for (const look of waiting) look()
  }
  const queue = {
    async send(messages: readonly Message[]) {
      sent.push(...messages.map(({ cluster, ...key }) => `${cluster} ${keyText(key)}`))
      tell()
    },
  }
  const print = (line: string) => {
    lines.push(line)
    tell()
  }
  const stopping = new AbortController()
  const running = serveRelay(
    operator,
    {
      clusters: fleetOf(ways),
      queue,
      state: state === '' ? undefined : state,
      owner: 'test',
      color: false,
      print,
      host: '127.0.0.1',
      port: 0,
    },
    stopping.signal,
  )
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!holds()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  const said = async (pattern: RegExp) => {
    await until(() => lines.some((line) => pattern.test(line)))
    return pattern.exec(lines.find((line) => pattern.test(line)) ?? '')?.[1] ?? ''
  }
  return {
    sent,
    until,
    said,
    ask: async (path: string) => {
      const response = await fetch(`${await said(/^health: (.*)/)}${path}`)
      return [response.status, await response.text()] as const
    },
    async stop() {
      stopping.abort(new Error('the test is over'))
      await running
    },
  }
}

describe('serveRelay', () => {
  it('relays every cluster that can be reached, says which source is not synced, and counts', async () => {
    await using east = await startCluster(operator)
    const relay = start({
      east: async () => east.api,
      west: () => Promise.reject(new Error('no such secret')),
    })
    await relay.said(/west .*failed +relay west {2}no such secret/)
    await east.api.create(App, app('web'))
    await relay.until(() => relay.sent.includes('east default/web'))
    await relay.said(/east .*synced +watch ConfigMap/)
    assert.deepEqual(await relay.ask('/healthz'), [200, 'ok\n'])
    const [status, missing] = await relay.ask('/readyz')
    assert.deepEqual(
      [status, missing.trim().split('\n')],
      [503, ['west|test.fairlead.dev/v1/apps|*||', 'west|v1/configmaps|*||']],
    )
    const [, text] = await relay.ask('/metrics')
    for (const line of [
      'fairlead_relay_sent_total{cluster="east",controller="app"} 1',
      'fairlead_relay_accepting{cluster="east",store="queue"} 1',
      'fairlead_relay_source_state{cluster="east",source="east|v1/configmaps|*||",state="synced"} 1',
      'fairlead_relay_source_state{cluster="west",source="west|v1/configmaps|*||",state="starting"} 1',
      'fairlead_relay_sources_synced{cluster="east"} 2',
      'fairlead_relay_sources_synced{cluster="west"} 0',
    ])
      assert.ok(text.includes(`${line}\n`), `${line} in\n${text}`)
    assert.match(text, /fairlead_relay_restarts_total{cluster="west"} [1-9]/)
    await relay.stop()
  })

  it('goes on where it was with a state of its own, and says where it keeps it', async () => {
    await using cluster = await startCluster(operator)
    const state = join(scratchFolder(), 'state')
    await cluster.api.create(App, app('kept'))
    const first = start({ default: async () => cluster.api }, { state })
    await first.until(() => first.sent.length === 1)
    assert.equal(await first.said(/^inventory: (.*)/), state)
    await first.stop()
    assert.ok(existsSync(state))
    await cluster.api.create(App, app('new'))
    const second = start({ default: async () => cluster.api }, { state })
    await second.until(() => second.sent.length > 0)
    await second.stop()
    assert.deepEqual(second.sent, ['default default/new'])
  })

  it('sends what a quiet window holds when it is stopped', async () => {
    await using cluster = await startCluster(operator)
    const relay = start({ default: async () => cluster.api })
    await relay.said(/synced +watch App/)
    await cluster.api.create(App, app('web'))
    await relay.until(() => relay.sent.length === 1)
    await cluster.api.patch(App, app('web').metadata, { type: 'merge', body: { spec: { size: 2 } } })
    await relay.said(/changed +App default\/web {2}(generation 2)/)
    await relay.stop()
    assert.equal(relay.sent.length, 2)
  })

  it('says that it keeps nothing where it has no inventory', async () => {
    await using cluster = await startCluster(operator)
    const relay = start({ default: async () => cluster.api })
    assert.match(await relay.said(/^inventory: (.*)/), /^none, every object is sent again/)
    await relay.said(/synced +watch App/)
    await relay.stop()
  })
})

describe('serveHealth', () => {
  it('is ready when nothing is missing, answers GET alone, and knows three paths', async () => {
    const missing: string[] = ['a', 'b']
    const server = await serveHealth(
      { missing: () => missing, metrics: () => 'm 1\n' },
      { host: '127.0.0.1', port: 0 },
    )
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`${server.url}${path}`, { method })
      return [response.status, await response.text()]
    }
    assert.deepEqual(await ask('/readyz'), [503, 'a\nb\n'])
    missing.length = 0
    assert.deepEqual(await ask('/readyz?verbose'), [200, 'ok\n'])
    assert.deepEqual(await ask('/metrics'), [200, 'm 1\n'])
    assert.deepEqual((await ask('/'))[0], 404)
    assert.deepEqual((await ask('/healthz', 'POST'))[0], 405)
    assert.deepEqual(await ask('/healthz', 'HEAD'), [200, ''])
    await server.close()
  })
})
