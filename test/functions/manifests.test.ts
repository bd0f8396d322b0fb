/** `npm run manifests` as a user meets it. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

const manifests = (...args: string[]) =>
  spawnSync(process.execPath, ['functions/manifests.ts', ...args], { encoding: 'utf8' })

describe('npm run manifests', () => {
  it('has been run: what is committed is what the operator generates', () => {
    const { status, stderr } = manifests('--check')
    assert.equal(status, 0, stderr)
  })

  it('prints CRDs before the rules that speak of them', () => {
    const printed = execFileSync(process.execPath, ['functions/manifests.ts', '--print'], {
      encoding: 'utf8',
    })
    assert.ok(printed.indexOf('kind: CustomResourceDefinition') < printed.indexOf('kind: ClusterRole'))
  })

  it('explains itself, and ends with 2 on what it does not know', () => {
    assert.match(manifests('--help').stdout, /--namespace NAME/)
    const { status, stderr } = manifests('--wat')
    assert.equal(status, 2)
    assert.match(stderr, /Unknown option '--wat'/)
  })
})
