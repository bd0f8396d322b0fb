/** The command line of `npm run infra:aws`. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { scratchFolder } from '../scratch.ts'

const PARSE = `const { parseInfraOptions } = await import('./infra/aws/options.ts')
process.stdout.write(JSON.stringify(parseInfraOptions('web')))`

const parse = (...args: string[]) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', PARSE, '--', 'infra', ...args], {
    encoding: 'utf8',
  })

function parsed(...args: string[]) {
  const { stdout, stderr } = parse(...args)
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

function refused(...args: string[]): string {
  const { status, stderr } = parse(...args)
  assert.equal(status, 2, stderr)
  return stderr
}

function fileOf(value: unknown): string {
  const path = join(scratchFolder(), 'setting.json')
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}

describe('npm run infra:aws', () => {
  it('needs no option: what is not given is a parameter that is named after the stack', () => {
    const { name, out, clusters, reviewKeys, eks, hasEksAccess, ingress } = parsed()
    assert.deepEqual([name, out], ['web', '.fairlead/aws/cdk.out'])
    assert.deepEqual([clusters, reviewKeys], ['ssm:/web/clusters', 'ssm:/web/review-keys'])
    assert.deepEqual([eks, hasEksAccess, ingress], [[], false, undefined])
    assert.equal(parsed('--name', 'other').clusters, 'ssm:/other/clusters')
  })

  it('reads clusters from a file, and finds those of EKS among them', () => {
    const clusters = {
      far: { eks: 'far', region: 'us-east-2' },
      known: { eks: 'known', server: 'https://known', ca: 'MA==' },
      own: { server: 'https://own', token: 'ssm:/own' },
    }
    const given = parsed('--clusters', fileOf(clusters), '--eks', 'more')
    assert.deepEqual(JSON.parse(given.clusters), clusters)
    assert.deepEqual(given.eks, [
      { name: 'far', region: 'us-east-2', isAddressed: false },
      { name: 'known', isAddressed: true },
      { name: 'more' },
    ])
  })

  it('takes no secret, and repeats none', () => {
    for (const option of ['--review-keys', '--reads']) {
      const told = refused(option, 'k1=c2VjcmV0')
      assert.match(told, /must be ssm:\/path\/of\/parameter/)
      assert.doesNotMatch(told, /c2VjcmV0/)
    }
    const senders = { audit: { cluster: 'default', hmac: { keys: { k1: 'c2VjcmV0' } } } }
    assert.match(refused('--ingress', fileOf(senders)), /has keys \(hmac\)/)
    assert.doesNotMatch(refused('--ingress', fileOf('{ "hmac": c2VjcmV0')), /c2VjcmV0/)
  })

  it('says what does not fit into the environment of a function', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`c${index}`, { eks: 'x' }]))
    assert.match(refused('--clusters', fileOf(many)), /more than 3000 bytes: put it into a parameter/)
    assert.match(refused('--clusters', '/nowhere'), /must be a file with a JSON object, or a reference/)
    assert.match(refused('--clusters', fileOf([1])), /must be a file with a JSON object/)
  })

  it('gives access only to clusters that it can give access to', () => {
    const file = fileOf({ far: { eks: 'far', region: 'us-east-2' } })
    assert.match(refused('--eks-access'), /needs clusters: --eks NAME/)
    assert.match(refused('--clusters', file, '--eks-access'), /--region us-east-2/)
    assert.equal(parsed('--clusters', file, '--eks-access', '--region', 'us-east-2').hasEksAccess, true)
  })

  it('takes a task with where it runs, or not at all', () => {
    const where = ['--vpc', 'vpc-0a', '--subnets', 'subnet-0a,subnet-0b']
    const network = { vpc: 'vpc-0a', subnets: ['subnet-0a', 'subnet-0b'] }
    const task = parsed('--fargate', 'x/y:1', ...where)
    assert.deepEqual([task.fargate, task.network], [{ image: 'x/y:1', ...network }, undefined])
    const functions = parsed('--in-vpc', ...where)
    assert.deepEqual([functions.fargate, functions.network], [undefined, network])
    assert.match(refused(...where), /go with --fargate or --in-vpc/)
    assert.match(refused('--fargate', 'x/y:1'), /need --vpc and --subnets/)
    assert.match(refused('--in-vpc', '--public-ip'), /--public-ip goes with --fargate/)
  })

  for (const [option, value, rule] of [
    ['--work-concurrency', '1', 'a whole number from 2 to 1000'],
    ['--review-concurrency', '0', 'a whole number from 1 to 1000'],
    ['--ingress-concurrency', '0', 'a whole number from 1 to 1000'],
    ['--resync-hours', '1.5', 'a whole number from 1'],
    ['--name', '1st', 'must be a letter'],
    ['--region', 'Frankfurt', 'must be a region'],
    ['--email', 'me', 'must be an address'],
    ['--topic', 'pager', 'must be the ARN of a topic'],
    ['--eks', 'a b', 'must be the name of a cluster'],
  ] as const)
    it(`names the rule that ${option} ${value} breaks`, () => {
      assert.ok(refused(option, value).includes(rule))
    })

  it('refuses what it does not know, and explains itself', () => {
    assert.match(refused('--wat'), /Unknown option '--wat'/)
    assert.match(refused('deploy'), /Unexpected argument 'deploy'/)
    const { status, stdout } = parse('--help')
    assert.equal(status, 0)
    assert.match(stdout, /--eks-access/)
  })
})
