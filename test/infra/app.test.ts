/** `npm run infra:aws` as a user meets it: with nothing but Node, and nothing to ask. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FUNCTIONS } from '../../infra/aws/functions.ts'
import { scratchFolder } from '../scratch.ts'

/** A process in which nobody gets out. */
const OFFLINE = `data:text/javascript,${encodeURIComponent(`
import net from 'node:net'
import dns from 'node:dns'
const refuse = () => { throw new Error('the network was asked for') }
net.Socket.prototype.connect = refuse
dns.lookup = refuse
`)}`

const run = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, ['--import', OFFLINE, 'infra/aws/app.ts', ...args], {
    encoding: 'utf8',
    env,
  })

const absent = Object.values(FUNCTIONS).filter(({ entry }) => !existsSync(entry))
const skip = absent.length > 0 && `not written yet: ${absent.map(({ entry }) => entry).join(', ')}`

const INGRESS = ['--ingress', 'ssm:/fairlead/ingress']

describe('npm run infra:aws', () => {
  const written = scratchFolder()

  it('writes template and code without network, credentials and environment', { skip }, () => {
    const out = written
    const { status, stdout, stderr } = run(['--out', out, ...INGRESS])
    assert.equal(stderr, '')
    assert.equal(status, 0)
    assert.match(stdout, /^ {2}work +\d+ kB, 256 MB, 60 s$/m)
    assert.ok(stdout.includes(`npx cdk deploy --app ${out}`))
    assert.match(stdout, /put-parameter --type SecureString --name \/fairlead\/clusters/)
    const { Resources } = JSON.parse(readFileSync(join(out, 'fairlead.template.json'), 'utf8'))
    const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type)
    assert.equal(types.filter((type) => type === 'AWS::Lambda::Function').length, 6)
    const assets = readdirSync(out).filter((name) => name.startsWith('asset.'))
    assert.equal(assets.length, 6)
    for (const asset of assets) assert.ok(existsSync(join(out, asset, 'index.mjs')))
    assert.deepEqual(JSON.parse(readFileSync(join(out, 'validation-report.json'), 'utf8')).pluginReports, [])
  })

  it('writes the same a second time, wherever it writes to', { skip }, () => {
    const [first, second] = [written, scratchFolder()]
    assert.equal(run(['--out', second, ...INGRESS], { CDK_VALIDATION: 'false' }).status, 0)
    for (const file of ['fairlead.template.json', 'fairlead.assets.json'])
      assert.equal(readFileSync(join(second, file), 'utf8'), readFileSync(join(first, file), 'utf8'))
  })

  it('ends with 2 on what cannot be meant, before it writes anything', () => {
    const out = join(scratchFolder(), 'never')
    const { status, stderr } = run(['--out', out, '--review-keys', 'k1=abc'])
    assert.equal(status, 2)
    assert.match(stderr, /--review-keys must be ssm:/)
    assert.equal(existsSync(out), false)
  })
})
