/** One process that keeps its state: across restarts, stops, crashes, and in the hands of `fairlead dead`. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { type ApiServer, startApiServer } from '../../lib/apiserver/index.ts'
import { Event, installCrds, type Kube, Namespace, systemClock } from '../../lib/index.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { connect } from '../../lib/kube/rest.ts'
import { scratchFolder } from '../scratch.ts'
import { Site, site, siteKey, siteOperator } from '../site.ts'
import { type Program, startScript } from './process.ts'

interface Stage extends AsyncDisposable {
  readonly server: ApiServer
  readonly api: Kube
  readonly state: string
  start(...args: string[]): Program
  fairlead(...args: string[]): Promise<{ code: number; out: string }>
}

/** An API server that outlives the processes, their state folder, and the command line beside them. */
async function stage(): Promise<Stage> {
  const server = await startApiServer()
  const transport = httpsTransport({ server: server.url })
  const api = connect(transport)
  await installCrds(api, siteOperator(), { clock: systemClock })
  const folder = scratchFolder()
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig()))
  const state = join(folder, 'state')
  return {
    server,
    api,
    state,
    start: (...args) =>
      startScript('test/functions/unruly.ts', ['--kubeconfig', kubeconfig, '--state', state, ...args]),
    fairlead: (...args) =>
      new Promise((done) =>
        execFile(
          process.execPath,
          [resolve('functions/fairlead.ts'), ...args],
          { cwd: folder },
          (error, out, err) =>
            done({ code: typeof error?.code === 'number' ? error.code : 0, out: out + err }),
        ),
      ),
    async [Symbol.asyncDispose]() {
      transport.close()
      await server.close()
    },
  }
}

const stop = async (program: Program): Promise<void> => {
  program.child.kill('SIGTERM')
  assert.deepEqual(await program.ended(), [0, null], program.lines.join('\n'))
}

describe('fairlead dead', () => {
  it('lists, shows, redrives and drops parked keys of a process that runs, and of one that is stopped (B7)', async () => {
    await using scene = await stage()
    const { api, fairlead, state, start } = scene
    const at = ['--state', state]
    await using program = start()
    await program.line(/^state: /)
    await program.line(/^ready$/)
    assert.deepEqual(await fairlead('dead', 'list', ...at), { code: 0, out: 'No keys are parked.\n' })
    await api.create(Site, site({ note: 'give up' }))
    await program.line(/parked/)
    const stalled = (await api.get(Site, siteKey))?.status?.conditions?.find(({ type }) => type === 'Stalled')
    assert.deepEqual([stalled?.status, stalled?.message], ['True', 'no page may be called that'])
    const events = (await api.list(Event, { namespace: 'default' })).items
    assert.deepEqual(
      events.map(({ type, reason }) => [type, reason]),
      [['Warning', 'Stalled']],
    )

    const { out: table } = await fairlead('dead', 'list', ...at)
    assert.match(table, /^KEY +PARKED +REASON\nsite\/default\/docs +\d+s +no page may be called that\n$/)
    assert.equal((await fairlead('dead', 'list', '-o', 'name', ...at)).out, 'site/default/docs\n')
    const json = JSON.parse((await fairlead('dead', 'list', '-o', 'json', ...at)).out)
    assert.deepEqual([json.key, json.message.name], ['site/default/docs', 'docs'])
    const { out: shown } = await fairlead('dead', 'show', 'site/default/docs', ...at)
    assert.match(
      shown,
      /^Key: +site\/default\/docs\nParked: +20.*\nReason: +no page.*\nController: +site\nObject: +default\/docs\n/,
    )
    assert.match(shown, /Try again: +fairlead dead redrive site\/default\/docs\n$/)

    const redriven = await fairlead('dead', 'redrive', 'site/default/docs', ...at)
    assert.deepEqual(redriven, { code: 0, out: '1 key redriven\n' })
    await program.line(/reconciling docs[\s\S]*/)
    await stop(program)
    assert.equal(program.lines.filter((line) => line === 'reconciling docs: give up').length, 2)

    assert.deepEqual(await fairlead('dead', 'redrive', '--all', ...at), { code: 0, out: '1 key redriven\n' })
    assert.equal((await fairlead('dead', 'list', ...at)).out, 'No keys are parked.\n')
    await using second = start()
    await second.line(/parked/)
    assert.deepEqual(await fairlead('dead', 'drop', '--all', ...at), { code: 0, out: '1 key dropped\n' })
    await api.patch(Site, siteKey, { type: 'merge', body: { spec: { note: 'fine' } } })
    await second.line(/^reconciled docs$/)
    await stop(second)
  })

  it('refuses what it cannot mean, with the way out', async () => {
    await using scene = await stage()
    const { fairlead, state, start } = scene
    const says = async (args: string[], code: number, pattern: RegExp) => {
      const answer = await fairlead(...args)
      assert.equal(answer.code, code, `${args.join(' ')}: ${answer.out}`)
      assert.match(answer.out, pattern)
    }
    await says(['dead', 'list'], 1, /no state below \.fairlead: .*--state DIR/)
    await says(['dead', 'list', '--state', 'nowhere'], 1, /nowhere is no state folder/)
    await using program = start()
    await program.line(/^ready$/)
    const at = ['--state', state]
    await says(['dead', ...at], 2, /say what to do: list, show, redrive, drop/)
    await says(['dead', 'show', ...at], 2, /takes one key/)
    await says(['dead', 'redrive', ...at], 2, /takes keys.*or --all/)
    await says(['dead', 'drop', 'x', '--all', ...at], 2, /takes keys.*or --all/)
    await says(
      ['dead', 'show', 'site/default/x', ...at],
      1,
      /site\/default\/x is not parked in .*: nothing is/,
    )
    await says(['dead', 'list', '-o', 'xml', ...at], 2, /--output must be one of table, name, json, got xml/)
    await says(['dead', '--help'], 0, /fairlead dead redrive KEY/)
    await says(['bury'], 2, /there is no command "bury"/)
    await says([], 0, /fairlead COMMAND --help/)
    await stop(program)
  })
})

describe('a resident process', () => {
  it('goes on after a stop where it was: unchanged objects are left alone, changes and deletions are not (A10)', async () => {
    await using scene = await stage()
    const { api, start } = scene
    for (const name of ['a', 'b', 'c']) await api.create(Site, site({ note: name }, { name }))
    await using first = start()
    for (const name of ['a', 'b', 'c']) await first.line(new RegExp(`^reconciled ${name}$`))
    await stop(first)
    await api.patch(Site, { ...siteKey, name: 'b' }, { type: 'merge', body: { spec: { note: 'B' } } })
    await api.delete(Site, { ...siteKey, name: 'c' })
    await using second = start()
    await second.line(/reconciled +site default\/b/)
    await second.line(/reconciled +site default\/c .*gone/)
    await stop(second)
    assert.deepEqual(
      second.lines.filter((line) => line.startsWith('reconciling')),
      ['reconciling b: B'],
    )
  })

  it('lets what runs at SIGTERM end in its grace, and takes on nothing new (B16)', async () => {
    await using scene = await stage()
    const { api, start, state } = scene
    await using program = start()
    await program.line(/^ready$/)
    const file = `${state}.go`
    await api.create(Site, site({ note: `until ${file}` }))
    await program.line(/^reconciling docs/)
    program.child.kill('SIGTERM')
    await program.line(/^stopping: SIGTERM/)
    await api.create(Site, site({ note: 'late' }, { name: 'late' }))
    writeFileSync(file, '')
    assert.deepEqual(await program.ended(), [0, null])
    assert.ok(program.lines.includes('reconciled docs'))
    assert.ok(!program.lines.includes('reconciling late: late'))
  })

  it('stops within its bound whatever an author’s function does; what was cut short runs again, uncounted (B16)', async () => {
    await using scene = await stage()
    const { api, start } = scene
    await using program = start('--grace', '0.2')
    await program.line(/^ready$/)
    await api.create(Site, site({ note: 'never' }))
    await program.line(/^reconciling docs/)
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
    assert.ok(program.lines.some((line) => /reconciled +site default\/docs.*interrupted/.test(line)))
    for (let round = 0; round < 3; round++) {
      await using next = start('--grace', '0.1')
      await next.line(/^reconciling docs/)
      await stop(next)
    }
    await api.patch(Site, siteKey, { type: 'merge', body: { spec: { note: 'fine' } } })
    await using last = start()
    await last.line(/^reconciled docs$/)
    assert.ok(!last.lines.some((line) => line.includes('crashed')))
    await stop(last)
  })

  it('parks an object that takes the process down again and again, and tells the object so (B15)', async () => {
    await using scene = await stage()
    const { api, start, fairlead, state } = scene
    await api.create(Site, site({ note: 'crash' }))
    for (let crashes = 0; crashes < 2; crashes++) {
      await using program = start()
      assert.deepEqual(await program.ended(), [null, 'SIGKILL'])
    }
    await using last = start()
    await last.line(/parked/)
    const status = (await api.get(Site, siteKey))?.status
    assert.match(
      status?.conditions?.find(({ type }) => type === 'Stalled')?.message ?? '',
      /crashed 2 times, last: the process ended while it ran/,
    )
    assert.match(
      (await fairlead('dead', 'list', '--state', state)).out,
      /site\/default\/docs.*crashed 2 times/,
    )
    await stop(last)
  })

  it('refuses a state that another process holds, or that is damaged, with the way out', async () => {
    await using scene = await stage()
    const { start, state } = scene
    await using first = start()
    await first.line(/^ready$/)
    await using second = start()
    assert.deepEqual(await second.ended(), [1, null])
    assert.match(
      second.lines.join('\n'),
      new RegExp(`in use by process ${first.child.pid} .*choose another folder`),
    )
    assert.ok(!second.lines.includes('ready'))
    await stop(first)
    writeFileSync(join(state, 'state.db'), 'this is no database')
    await using third = start()
    assert.deepEqual(await third.ended(), [1, null])
    assert.match(third.lines.join('\n'), /error: .*state\.db is damaged .*put a copy back/)
    assert.doesNotMatch(third.lines.join('\n'), /\n\s+at /)
    assert.ok(existsSync(join(state, 'state.db')))
  })

  it('refuses a state of another cluster', async () => {
    await using scene = await stage()
    await using other = await stage()
    await using first = scene.start()
    await first.line(/^ready$/)
    await stop(first)
    await using second = other.start('--state', scene.state)
    assert.deepEqual(await second.ended(), [1, null])
    assert.match(second.lines.join('\n'), /belongs to http:.*, not to http:.*--state/)
  })

  it('stands by while another holds the lease, and takes over when that one stops (R7)', async (t) => {
    await using scene = await stage()
    const { api, start, state } = scene
    await api.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sites-system' } })
    await using leader = start('--leader-elect')
    await leader.line(/held +lease/)
    await using standby = start('--leader-elect', '--state', `${state}.2`)
    await standby.line(/waiting +lease/)
    await api.create(Site, site({ note: 'one' }))
    await leader.line(/^reconciled docs$/)
    const begin = performance.now()
    await stop(leader)
    await standby.line(/held +lease/)
    t.diagnostic(`taken over ${Math.round(performance.now() - begin)} ms after SIGTERM`)
    await api.patch(Site, siteKey, { type: 'merge', body: { spec: { note: 'two' } } })
    await standby.line(/^reconciling docs: two$/)
    await stop(standby)
  })
})
