/** `npm run manifests` as a user meets it. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

const manifests = (...args: string[]) =>
  spawnSync(process.execPath, ['functions/manifests.ts', ...args], { encoding: 'utf8' })

describe('npm run manifests', () => {
  it('has been run: what is committed is what the operator generates', () => {
    const ingress = ['--ingress-url', 'https://ingress.example.com/changes']
    const { status, stderr } = manifests(
      '--check',
      '--groups',
      '--relay-image',
      'fairlead-relay:0.1.0',
      ...ingress,
    )
    assert.equal(status, 0, stderr)
  })

  it('prints CRDs before the rules that speak of them', () => {
    const printed = execFileSync(process.execPath, ['functions/manifests.ts', '--print'], {
      encoding: 'utf8',
    })
    assert.ok(printed.indexOf('kind: CustomResourceDefinition') < printed.indexOf('kind: ClusterRole'))
  })

  it('writes what functions outside and a relay inside need only where it is asked to', () => {
    const plain = manifests('--print').stdout
    assert.doesNotMatch(plain, /kind: (Group|Deployment)/)
    const url = 'https://ingress.example.com/changes'
    const printed = manifests(
      ...['--print', '--groups', '--relay-image', 'example/relay:1', '--relay-cluster', 'prod'],
      ...['--ingress-url', url, '--relay-env', 'NO_COLOR=1'],
    ).stdout
    assert.ok(printed.startsWith(plain.slice(0, 1000)))
    assert.match(printed, /kind: Group\n {4}name: fairlead-work/)
    assert.match(printed, /RBAC cannot say so/)
    const args = ['--cluster', 'prod', '--to', url, '--token-file', '/var/run/secrets/fairlead/token']
    assert.ok(printed.includes(args.map((arg) => `            - ${arg}\n`).join('')), printed)
    assert.match(printed, /audience: https:\/\/ingress\.example\.com\n/)
    assert.match(printed, /name: NO_COLOR\n {14}value: "1"/)
  })

  it('ends with 2 on a relay that cannot be meant', () => {
    const image = ['--relay-image', 'example/relay:1']
    for (const [args, rule] of [
      [['--ingress-url', 'https://a/b'], '--ingress-url goes with --relay-image'],
      [[...image, '--ingress-url', 'http://a/b'], '--ingress-url must be https'],
      [[...image, '--ingress-audience', 'a'], '--ingress-audience goes with --ingress-url'],
      [[...image, '--relay-replicas', '3'], '--relay-replicas must be 1 or 2'],
      [[...image, '--relay-env', 'a=b'], '--relay-env must be NAME=VALUE'],
      [
        [...image, '--relay-replicas', '2', '--relay-env', 'FAIRLEAD_INVENTORY=s3://b/p'],
        'an inventory (FAIRLEAD_INVENTORY) is for one relay',
      ],
    ] as const) {
      const { status, stderr } = manifests(...args)
      assert.equal(status, 2)
      assert.ok(stderr.includes(rule), stderr)
    }
  })

  it('explains itself, and ends with 2 on what it does not know', () => {
    assert.match(manifests('--help').stdout, /--namespace NAME/)
    const { status, stderr } = manifests('--wat')
    assert.equal(status, 2)
    assert.match(stderr, /Unknown option '--wat'/)
  })
})
