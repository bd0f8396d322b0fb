/** `npm run record` and `npm run replay` as programs: what they print and write, how they end, and as whom they ask. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { startScript } from '../functions/process.ts'
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from '../kube/certificates.ts'
import { scratchFolder } from '../scratch.ts'
import { compactBy, connectBy } from './transcripts/replay/target.ts'

const SOURCE = `export const scenarios = [
  ['one', 'A namespace.', async (t) => { await t.ns(); await t.get('/version', { pick: ['/major'] }) }],
  ['two', 'Nothing there.', async (t) => { await t.ns(); await t.get(t.core + '/configmaps/none') }],
]
`

const server = await startApiServer()
after(() => server.close())
const folder = scratchFolder()
const kubeconfig = join(folder, 'kubeconfig')
const source = join(folder, 'area.more.ts')
writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig()))
writeFileSync(source, SOURCE)

async function run(name: 'record' | 'replay', ...args: string[]) {
  const program = startScript(`test/apiserver/transcripts/${name}.ts`, args)
  const [code] = await program.ended()
  return { code, lines: program.lines }
}
const record = (...args: string[]) => run('record', ...args)
const replay = (...args: string[]) => run('replay', ...args)

const out = scratchFolder()
const recorded = await record('--kubeconfig', kubeconfig, '--out', out, source)

describe('npm run record', { concurrency: 2 }, () => {
  it('writes a transcript for each scenario, which npm run replay finds equal', async () => {
    const told = ['recorded area-one: 2 steps', 'recorded area-two: 2 steps']
    assert.deepEqual([recorded.code, recorded.lines], [0, told])
    assert.deepEqual(readdirSync(out), ['area-one.json', 'area-two.json'])
    assert.equal(JSON.parse(readFileSync(join(out, 'area-one.json'), 'utf8')).area, 'area')
    const { code, lines } = await replay('--kubeconfig', kubeconfig, out)
    assert.deepEqual(lines, [
      'ok area-one (2 exchanges)',
      'ok area-two (2 exchanges)',
      'exchanges: 4 equal of 4; scenarios: 2 of 2',
    ])
    assert.equal(code, 0)
  })

  it('records those whose name contains --only, and says so where none does', async () => {
    const folder = scratchFolder()
    const { lines } = await record('--server', server.url, '--out', folder, '--only', 'two', source)
    assert.deepEqual([lines, readdirSync(folder)], [['recorded area-two: 2 steps'], ['area-two.json']])
    const none = await record('--server', server.url, '--out', folder, '--only', 'nine', source)
    assert.deepEqual([none.code, none.lines], [1, ['error: no scenario has a name that contains nine']])
  })

  it('says which scenario failed and why, goes on, and ends with 1', async () => {
    const broken = join(scratchFolder(), 'bad.ts')
    writeFileSync(broken, SOURCE.replace('await t.ns();', "throw new Error('too late');"))
    const { code, lines } = await record('--server', server.url, '--out', scratchFolder(), broken)
    assert.deepEqual([code, lines], [1, ['FAILED bad-one: too late', 'recorded bad-two: 2 steps']])
  })

  it('refuses a module that is no source, by name', async () => {
    const file = join(scratchFolder(), 'none.ts')
    writeFileSync(file, 'export const scenarios = [1]\n')
    const { code, lines } = await record('--server', server.url, '--out', scratchFolder(), file)
    assert.equal(code, 1)
    assert.deepEqual(lines, [`error: ${file}: exports no list "scenarios" of [name, about, function]`])
  })

  it('refuses a command line without --out, with the help and 2', async () => {
    const { code, lines } = await record('--server', server.url, source)
    assert.deepEqual([code, lines[0]], [2, 'give --out FOLDER'])
  })
})

describe('npm run replay', { concurrency: 2 }, () => {
  it('tells each difference and ends with 1', async () => {
    const file = join(scratchFolder(), 'two.json')
    const text = readFileSync(join(out, 'area-two.json'), 'utf8')
    writeFileSync(file, text.replaceAll('NotFound', 'Lost').replaceAll('404', '410'))
    const { code, lines } = await replay('--server', server.url, '--max-diffs', '2', out, file)
    assert.deepEqual(lines, [
      'ok area-one (2 exchanges)',
      'ok area-two (2 exchanges)',
      'DIFF area-two 02 (GET /api/v1/namespaces/t-<run>/configmaps/none): /status expected 410 actual 404',
      'DIFF area-two 02 (GET /api/v1/namespaces/t-<run>/configmaps/none): /body/reason expected "Lost" actual "NotFound"',
      'DIFF area-two ... and 1 more',
      'exchanges: 5 equal of 6; scenarios: 2 of 3',
    ])
    assert.equal(code, 1)
    const json = await replay('--server', server.url, '--json', '--only', 'two', file)
    const summary = JSON.parse(json.lines.join('\n'))
    assert.deepEqual([json.code, summary.equal, summary.results[0].diffs.length], [1, 1, 3])
  })

  it('ends with 1 where nothing was replayed: nothing is no proof', async () => {
    const { code, lines } = await replay('--server', server.url, '--only', 'nine', out)
    assert.deepEqual([code, lines], [1, ['exchanges: 0 equal of 0; scenarios: 0 of 0']])
  })

  it('ends with 2 and the help where the command line is wrong', async () => {
    for (const [args, reason] of [
      [['--server', server.url], 'give transcripts or folders of them'],
      [[folder], 'give --kubeconfig FILE or --server URL'],
      [
        ['--server', server.url, '--settle', 'long', folder],
        '--settle must be a whole number >= 0, got long',
      ],
    ] as const) {
      const { code, lines } = await replay(...args)
      assert.deepEqual([code, lines[0]], [2, reason])
    }
  })

  it('says which kubeconfig or transcript is no good', async () => {
    const none = join(folder, 'none')
    const { code, lines } = await replay('--kubeconfig', none, out)
    assert.deepEqual([code, lines], [1, [`error: kubeconfig ${none}: no such file`]])
    const odd = await replay('--server', server.url, kubeconfig)
    assert.equal(odd.code, 1)
    assert.match(odd.lines[0] ?? '', /kubeconfig: no transcript of format 1: /)
  })
})

describe('who replays and records', () => {
  const secure = createServer(
    { cert: SERVER_CERT, key: SERVER_KEY, ca: AUTHORITY, requestCert: true, rejectUnauthorized: false },
    (message, response) => {
      const { subject } = (message.socket as TLSSocket).getPeerCertificate()
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({ name: subject?.CN ?? '', authorization: message.headers.authorization ?? '' }),
      )
    },
  )
  after(() => secure.close())

  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const config = (url: string, user: object, cluster: object) => ({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: url, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  })

  async function asked(values: Parameters<typeof connectBy>[0]) {
    const connection = await connectBy(values, '')
    try {
      return (await connection.request({ method: 'GET', path: '/who' })).body
    } finally {
      connection.close()
    }
  }

  it('is whom the kubeconfig or the options name', async () => {
    await once(secure.listen(0, '127.0.0.1'), 'listening')
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`
    const file = (name: string, text: string) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }
    const trusted = { 'certificate-authority-data': base64(AUTHORITY) }
    const ada = { 'client-certificate-data': base64(CLIENT_CERT), 'client-key-data': base64(CLIENT_KEY) }
    const ca = file('ca', AUTHORITY)
    const cert = file('cert', CLIENT_CERT)
    const key = file('key', CLIENT_KEY)
    const byCert = file('by-cert', JSON.stringify(config(url, ada, trusted)))
    const byToken = file('by-token', JSON.stringify(config(url, { token: 'abc' }, trusted)))
    const untrusting = file('untrusting', JSON.stringify(config(url, { token: 'abc' }, {})))
    const certificate = { name: 'ada', authorization: '' }
    const token = { name: '', authorization: 'Bearer abc' }
    assert.deepEqual(await asked({ kubeconfig: byCert }), certificate)
    assert.deepEqual(await asked({ kubeconfig: byToken }), token)
    assert.deepEqual(await asked({ server: url, ca, cert, key }), certificate)
    assert.deepEqual(await asked({ server: url, ca, token: 'abc' }), token)
    assert.deepEqual(await asked({ kubeconfig: untrusting, insecure: true }), token)
    await assert.rejects(asked({ kubeconfig: untrusting }), /certificate/)
  })

  it('runs the command that compacts, and tells what it said where it fails', async () => {
    const done = join(folder, 'done')
    await compactBy(`touch ${done}`)()
    assert.equal(readFileSync(done, 'utf8'), '')
    await assert.rejects(compactBy('echo no etcd >&2; exit 3')(), /^Error: --compact failed: no etcd$/)
    await assert.rejects(compactBy('exit 3')(), /^Error: --compact failed: exit status 3$/)
  })
})
