import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

describe('npm run manifests', () => {
  it('finds the manifests in infra/kube up to date', async () => {
    const { stderr } = await run(process.execPath, ['functions/manifests.ts', '--check'])
    assert.equal(stderr, '')
  })

  it('prints them on request', async () => {
    const { stdout } = await run(process.execPath, [
      'functions/manifests.ts',
      '--print',
      '--namespace',
      'elsewhere',
    ])
    assert.match(stdout, /name: myapps\.apps\.fairlead\.dev/)
    assert.match(
      stdout,
      /kind: ServiceAccount\nmetadata:\n {2}name: fairlead-relay\n {2}namespace: elsewhere/,
    )
  })
})
