/** `npm start` as a user meets it: the process, its lines, stock kubectl. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { startProgram } from './process.ts'

const run = promisify(execFile)

const hasKubectl = (): boolean => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const skip = !hasKubectl() && 'no kubectl on this machine'

describe('npm start', () => {
  it('prints kubeconfig and ready on lines of their own, and ends with 0 on SIGTERM (B16)', async () => {
    await using program = startProgram('embedded')
    await program.line(/^ready$/)
    const path = (await program.line(/^kubeconfig: (\/.+)$/))[1] ?? ''
    assert.match(
      JSON.parse(readFileSync(path, 'utf8')).clusters[0].cluster.server,
      /^http:\/\/127\.0\.0\.1:\d+$/,
    )
    await program.line(/synced +watch MyApp/)
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
  })

  it('shows stock kubectl an operator at work: apply, get, describe, wait, delete', { skip }, async () => {
    await using program = startProgram('embedded')
    const path = (await program.line(/^kubeconfig: (.+)$/))[1] ?? ''
    await program.line(/^ready$/)
    const kubectl = async (...args: string[]) =>
      (await run('kubectl', ['--kubeconfig', path, ...args])).stdout
    assert.match(
      await kubectl('apply', '-f', 'infra/kube/samples/myapp.yaml'),
      /myapp\.apps\.fairlead\.dev\/web created/,
    )
    await kubectl('wait', 'myapp/web', '--for=condition=Reconciled', '--timeout=20s')
    await program.line(/event +MyApp default\/web/)
    const described = await kubectl('describe', 'myapp', 'web')
    assert.match(described, /Normal +Applied .* created ConfigMap web, Service web, Deployment web/)
    assert.match(await kubectl('get', 'ma,deployments,services,configmaps'), /deployment\.apps\/web/)
    await kubectl('patch', 'myapp', 'web', '--type=merge', '-p', '{"spec":{"replicas":3}}')
    await program.line(/applied +Deployment default\/web +changed/)
    assert.equal(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'), '3')
    await kubectl('delete', 'myapp', 'web', '--timeout=20s')
    assert.doesNotMatch(await kubectl('get', 'deployments,services,configmaps'), /web/)
  })

  it('lets kubectl print the field, the rule and the value of an invalid object', { skip }, async () => {
    await using program = startProgram('embedded')
    const path = (await program.line(/^kubeconfig: (.+)$/))[1] ?? ''
    await program.line(/^ready$/)
    const bad = {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata: { name: 'bad' },
      spec: { image: 'x', replicas: 99 },
    }
    const file = join(program.folder, 'bad.json')
    writeFileSync(file, JSON.stringify(bad))
    const refused = await run('kubectl', ['--kubeconfig', path, 'apply', '-f', file]).catch((error) => error)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /spec\.replicas.*99.*less than or equal to 50/)
  })

  it('runs with its reviews: kubectl prints the rule across fields, a dry run too, and shows v1beta1', {
    skip,
  }, async () => {
    await using program = startProgram('embedded')
    const path = (await program.line(/^kubeconfig: (.+)$/))[1] ?? ''
    await program.line(/^ready$/)
    const file = join(program.folder, 'app.json')
    const kubectl = (...args: string[]) => run('kubectl', ['--kubeconfig', path, ...args])
    const write = (replicas: number) => {
      const spec = { image: 'nginx', replicas, service: { port: 81, type: 'NodePort' } }
      const object = { apiVersion: 'apps.fairlead.dev/v1', kind: 'MyApp', metadata: { name: 'web' }, spec }
      writeFileSync(file, JSON.stringify(object))
    }
    write(20)
    for (const dry of [[], ['--dry-run=server']]) {
      const refused = await kubectl('apply', '-f', file, ...dry).catch((error) => error)
      assert.equal(refused.code, 1)
      assert.match(
        refused.stderr,
        /The MyApp "web" is invalid: spec\.image: Invalid value: "nginx": must have a fixed version where spec\.replicas is above 10/,
      )
    }
    write(2)
    const dry = await kubectl('apply', '-f', file, '--dry-run=server')
    assert.match(dry.stderr, /Warning: spec\.image: nginx has no fixed version/)
    assert.match((await kubectl('apply', '-f', file)).stdout, /created/)
    const older = JSON.parse(
      (await kubectl('get', 'myapps.v1beta1.apps.fairlead.dev', 'web', '-o', 'json')).stdout,
    )
    assert.deepEqual(older.spec, { image: 'nginx', replicas: 2, port: 81 })
    assert.equal(older.metadata.labels['app.kubernetes.io/name'], 'web')
    older.spec.port = 82
    writeFileSync(file, JSON.stringify(older))
    await kubectl('replace', '-f', file)
    const newer = JSON.parse((await kubectl('get', 'myapp', 'web', '-o', 'json')).stdout)
    assert.deepEqual(newer.spec.service, { port: 82, type: 'NodePort' })
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
  })

  it('works against a given kubeconfig, waits for a server that is away, and says so once', async () => {
    const server = await startApiServer()
    const file = join(mkdtempSync(join(tmpdir(), 'fairlead-')), 'given.json')
    writeFileSync(file, JSON.stringify(server.kubeconfig()))
    await using program = startProgram('embedded', ['--kubeconfig', file])
    await program.line(/synced +watch MyApp/)
    await server.close()
    await program.line(/lost +watch MyApp/)
    await program.line(/lost +watch Deployment/)
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
    assert.equal(program.lines.filter((line) => /lost +watch MyApp/.test(line)).length, 1)
  })

  it('waits at the start for a server that is away, says so once, and ends on SIGTERM all the same', async () => {
    const server = await startApiServer()
    await server.close()
    const file = join(mkdtempSync(join(tmpdir(), 'fairlead-')), 'away.json')
    writeFileSync(file, JSON.stringify(server.kubeconfig()))
    await using program = startProgram('embedded', ['--kubeconfig', file])
    await program.line(/lost +watch CustomResourceDefinition .*ECONNREFUSED/)
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended(), [0, null])
    assert.equal(program.lines.filter((line) => line.includes('lost')).length, 1)
  })

  it('ends with 1 and a word on what to do where its port is taken or its folder cannot be written', async () => {
    const server = await startApiServer()
    await using taken = startProgram('embedded', ['--port', new URL(server.url).port])
    assert.deepEqual(await taken.ended(), [1, null])
    assert.match(taken.lines.join('\n'), /address already in use .*choose another with --port/)
    await server.close()
    await using blocked = startProgram('embedded')
    writeFileSync(join(blocked.folder, '.fairlead'), '')
    assert.deepEqual(await blocked.ended(), [1, null])
    assert.match(blocked.lines.join('\n'), /objects cannot be kept in .*\.fairlead.*--state.*--memory/)
    await using forgetful = startProgram('embedded', ['--memory'])
    writeFileSync(join(forgetful.folder, '.fairlead'), '')
    assert.deepEqual(await forgetful.ended(), [1, null])
    assert.match(forgetful.lines.join('\n'), /the kubeconfig cannot be written to .*\.fairlead/)
  })

  it('ends with 2 and the help on an unknown option, with 0 on --help, with 1 on a kubeconfig that is not there', async () => {
    await using unknown = startProgram('embedded', ['--wat'])
    assert.deepEqual(await unknown.ended(), [2, null])
    assert.match(unknown.lines.join('\n'), /Unknown option '--wat'[\s\S]*--kubeconfig FILE/)
    await using help = startProgram('embedded', ['--help'])
    assert.deepEqual(await help.ended(), [0, null])
    await using port = startProgram('embedded', ['--port', 'x'])
    assert.deepEqual(await port.ended(), [2, null])
    assert.match(port.lines.join('\n'), /--port must be a whole number from 0 to 65535, got x/)
    await using both = startProgram('embedded', ['--port', '1', '--kubeconfig', '/nowhere/config'])
    assert.deepEqual(await both.ended(), [2, null])
    await using alone = startProgram('embedded', ['--leader-elect-namespace', 'x'])
    assert.deepEqual(await alone.ended(), [2, null])
    await using own = startProgram('embedded', ['--review-host', 'x'])
    assert.deepEqual(await own.ended(), [2, null])
    await using undecided = startProgram('embedded', ['--memory', '--state', 'x'])
    assert.deepEqual(await undecided.ended(), [2, null])
    await using elsewhere = startProgram('embedded', ['--memory', '--kubeconfig', '/nowhere/config'])
    assert.deepEqual(await elsewhere.ended(), [2, null])
    const given = ['--kubeconfig', '/nowhere/config', '--review-host', 'x']
    await using rivals = startProgram('embedded', [...given, '--leader-elect'])
    assert.deepEqual(await rivals.ended(), [2, null])
    assert.match(rivals.lines.join('\n'), /exclude each other: each process would register itself/)
    await using missing = startProgram('embedded', ['--kubeconfig', '/nowhere/config'])
    assert.deepEqual(await missing.ended(), [1, null])
    assert.match(missing.lines.join('\n'), /\/nowhere\/config/)
    assert.doesNotMatch(missing.lines.join('\n'), /\n\s+at /)
  })
})
