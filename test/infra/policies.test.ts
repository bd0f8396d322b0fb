/** What each role may do, statement by statement: a new line here is a decision. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EVERYTHING, FARGATE, NETWORK, type Resource, statementsOf, synth, text } from './synth.ts'

const { resources } = synth(EVERYTHING)
const may = (id: string) => statementsOf(resources.get(id))
const log = (id: string) => `logs:CreateLogStream logs:PutLogEvents on ${id}Log.Arn`
const CONSUME = 'sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes'
const arn = (service: string, rest: string) =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`
const CLUSTERS = `ssm:GetParameter on ${arn('ssm', 'parameter/web/clusters')}`
const DESCRIBE = `eks:DescribeCluster on ${arn('eks', 'cluster/prod')}`
const ATTACH =
  'ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses'
const INVENTORY = [
  's3:GetObject s3:PutObject s3:DeleteObject on Inventory.Arn/inventory/*',
  's3:ListBucket on Inventory.Arn {"StringLike":{"s3:prefix":["inventory","inventory/*"]}}',
]

describe('the role of', () => {
  it('work: takes from ready, revives from dead, sends on', () => {
    assert.deepEqual(may('WorkRolePolicy'), [
      log('Work'),
      'sqs:SendMessage on Ready.Arn Delay.Arn Background.Arn Dead.Arn',
      `${CONSUME} on Ready.Arn`,
      'sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility on Dead.Arn',
      DESCRIBE,
      CLUSTERS,
    ])
  })

  it('promote: moves over, and looks how long ready is', () => {
    assert.deepEqual(may('PromoteRolePolicy'), [
      log('Promote'),
      'sqs:SendMessage on Ready.Arn Delay.Arn Background.Arn',
      `${CONSUME} on Delay.Arn Background.Arn`,
      'sqs:GetQueueAttributes on Ready.Arn',
    ])
  })

  it('relay: sends, and keeps its inventory', () => {
    assert.deepEqual(may('RelayRolePolicy'), [
      log('Relay'),
      'sqs:SendMessage on Ready.Arn Background.Arn',
      ...INVENTORY,
      DESCRIBE,
      CLUSTERS,
    ])
  })

  it('resync: sends to the background alone', () => {
    assert.deepEqual(may('ResyncRolePolicy'), [
      log('Resync'),
      'sqs:SendMessage on Background.Arn',
      DESCRIBE,
      CLUSTERS,
    ])
  })

  it('review: sends nothing', () => {
    assert.deepEqual(may('ReviewRolePolicy'), [
      log('Review'),
      DESCRIBE,
      CLUSTERS,
      `ssm:GetParameter on ${arn('ssm', 'parameter/web/review-keys')}`,
    ])
  })

  it('ingress: sends, and reads no cluster', () => {
    assert.deepEqual(may('IngressRolePolicy'), [
      log('Ingress'),
      'sqs:SendMessage on Ready.Arn Delay.Arn Background.Arn',
      `secretsmanager:GetSecretValue on ${arn('secretsmanager', 'secret:web/ingress-??????')}`,
    ])
  })

  it('a schedule: starts its function, for this account alone', () => {
    for (const id of ['Relay', 'Resync']) {
      assert.deepEqual(may(`${id}ScheduleRolePolicy`), [`lambda:InvokeFunction on ${id}.Arn`])
      const [trust] = resources.get(`${id}ScheduleRole`)?.Properties.AssumeRolePolicyDocument.Statement ?? []
      assert.deepEqual(trust.Principal, { Service: 'scheduler.amazonaws.com' })
      assert.equal(text(trust.Condition.StringEquals['aws:SourceAccount']), `\${AWS::AccountId}`)
    }
  })

  it('a relay on Fargate: what the function may do; what starts it may pull its image', () => {
    const fargate = synth({ ...EVERYTHING, fargate: FARGATE }).resources
    assert.deepEqual(statementsOf(fargate.get('RelayTaskTaskRolePolicy')), [
      'sqs:SendMessage on Ready.Arn Background.Arn',
      ...INVENTORY,
      DESCRIBE,
      CLUSTERS,
    ])
    assert.deepEqual(statementsOf(fargate.get('RelayTaskExecutionRoleDefaultPolicy')).sort(), [
      `ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage on arn:\${AWS::Partition}:ecr:eu-west-1:123456789012:repository/web/relay`,
      'ecr:GetAuthorizationToken on *',
      'logs:CreateLogStream logs:PutLogEvents on RelayLog.Arn',
    ])
    const elsewhere = synth({ fargate: { ...FARGATE, image: 'example/relay:1' } }).resources
    assert.deepEqual(statementsOf(elsewhere.get('RelayTaskExecutionRoleDefaultPolicy')), [
      'logs:CreateLogStream logs:PutLogEvents on RelayLog.Arn',
    ])
  })
})

describe('a VPC', () => {
  it('lets Lambda make interfaces for the functions that are in it, and for no others', () => {
    const inside = synth({ ...EVERYTHING, network: NETWORK }).resources
    const attached = [...inside].filter(([id]) => statementsOf(inside.get(id)).includes(`${ATTACH} on *`))
    assert.deepEqual(attached.map(([id]) => id).sort(), [
      ...['RelayRolePolicy', 'ResyncRolePolicy', 'ReviewRolePolicy', 'WorkRolePolicy'],
    ])
  })
})

describe('references', () => {
  const workWith = (settings: Parameters<typeof synth>[0]) =>
    statementsOf(synth(settings).resources.get('WorkRolePolicy')).filter((line) => /ssm:|secretsm/.test(line))

  it('inside of a setting may be read, others not', () => {
    const clusters = JSON.stringify({
      a: { server: 'https://a', token: 'ssm:/a/token' },
      b: { server: 'https://b', token: 'env:TOKEN' },
    })
    assert.deepEqual(workWith({ clusters }), [`ssm:GetParameter on ${arn('ssm', 'parameter/a/token')}`])
    assert.deepEqual(workWith({ clusters: '{}' }), [])
  })

  it('that a reference leads to are named besides', () => {
    assert.deepEqual(workWith({ references: ['secretsmanager:b'] }), [
      CLUSTERS,
      `secretsmanager:GetSecretValue on ${arn('secretsmanager', 'secret:b-??????')}`,
    ])
  })

  it('by ARN mean that ARN', () => {
    for (const [kind, action, rest] of [
      ['ssm', 'ssm:GetParameter', 'parameter/web'],
      ['secretsmanager', 'secretsmanager:GetSecretValue', 'secret:web-AbCdEf'],
    ] as const) {
      const given = `arn:aws:${kind}:us-east-1:123456789012:${rest}`
      assert.deepEqual(workWith({ clusters: `${kind}:${given}` }), [`${action} on ${given}`])
    }
  })
})

describe('EKS', () => {
  const describes = (settings: Parameters<typeof synth>[0]) =>
    statementsOf(synth(settings).resources.get('WorkRolePolicy')).filter((line) => line.startsWith('eks'))

  it('is asked for clusters whose address is not known, where they are', () => {
    const eks = [{ name: 'a' }, { name: 'b', region: 'us-east-2' }, { name: 'c', isAddressed: true }]
    assert.deepEqual(describes({ eks }), [
      `eks:DescribeCluster on ${arn('eks', 'cluster/a')} arn:\${AWS::Partition}:eks:us-east-2:\${AWS::AccountId}:cluster/b`,
    ])
    assert.deepEqual(describes({ eks: [{ name: 'c', isAddressed: true }] }), [])
  })
})

describe('all policies together', () => {
  /** What AWS has no narrower name for. */
  const PATTERNS = [
    'Inventory.Arn/inventory/*',
    `${arn('secretsmanager', 'secret:web/ingress-??????')}`,
    // The token of a registry is that of all registries of an account.
    'ecr:GetAuthorizationToken on *',
    // Lambda's, for the interfaces of a function in a VPC.
    `${ATTACH} on *`,
  ]

  const grants = (made: ReadonlyMap<string, Resource>) =>
    [...made].flatMap(([id, resource]) =>
      resource.Type === 'AWS::IAM::Policy' ? statementsOf(resource).map((line) => [id, line] as const) : [],
    )

  it('have no pattern but the listed ones', () => {
    for (const settings of [EVERYTHING, { ...EVERYTHING, fargate: FARGATE, network: NETWORK }])
      for (const [id, line] of grants(synth(settings).resources)) {
        const [what = ''] = line.split(' {')
        const rest = PATTERNS.reduce((left, pattern) => left.replace(pattern, ''), what)
        assert.doesNotMatch(rest, /[*?]/, `${id}: ${line}`)
      }
  })

  it('are the whole of what roles may do: no managed policy, and none inside of a role', () => {
    for (const settings of [EVERYTHING, { ...EVERYTHING, fargate: FARGATE, network: NETWORK }])
      for (const { Type, Properties } of synth(settings).resources.values())
        if (Type === 'AWS::IAM::Role')
          assert.deepEqual([Properties.ManagedPolicyArns, Properties.Policies], [undefined, undefined])
  })
})
