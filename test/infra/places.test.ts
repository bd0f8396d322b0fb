/** The stack and what is around it: clusters in EKS, a VPC, the relay on Fargate. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FUNCTIONS } from '../../infra/aws/functions.ts'
import { EVERYTHING, FARGATE, NETWORK, synth, text } from './synth.ts'

const { resources } = synth(EVERYTHING)
const properties = (id: string) => {
  const resource = resources.get(id)
  assert.ok(resource, `${id} is not there: ${[...resources.keys()].join(' ')}`)
  return resource.Properties
}
const idsOf = (type: string) => [...resources].flatMap(([id, { Type }]) => (Type === type ? [id] : []))

describe('access to EKS', () => {
  it('makes the roles members of the groups that the RBAC binds', () => {
    const entries = idsOf('AWS::EKS::AccessEntry').map((id) => {
      const { ClusterName, KubernetesGroups, PrincipalArn, Type, AccessPolicies } = properties(id)
      assert.equal(AccessPolicies, undefined)
      return [ClusterName, Type, KubernetesGroups, text(PrincipalArn)].flat().join(' ')
    })
    assert.deepEqual(entries.sort(), [
      'prod STANDARD web-relay RelayRole.Arn',
      'prod STANDARD web-relay ResyncRole.Arn',
      'prod STANDARD web-work WorkRole.Arn',
    ])
  })

  it('is given to nobody unless it is asked for', () => {
    synth({ eks: [{ name: 'prod' }] }).template.resourceCountIs('AWS::EKS::AccessEntry', 0)
  })
})

describe('functions in a VPC', () => {
  const inside = synth({ ...EVERYTHING, network: NETWORK }).resources
  const placeOf = (id: string) => inside.get(id)?.Properties.VpcConfig

  it('are those that talk to clusters, and nobody gets in', () => {
    for (const id of ['Work', 'Relay', 'Resync', 'Review']) {
      assert.deepEqual(placeOf(id).SubnetIds, NETWORK.subnets)
      assert.deepEqual(placeOf(id).SecurityGroupIds.map(text), ['FunctionGroup.GroupId'])
    }
    for (const id of ['Promote', 'Ingress']) assert.equal(placeOf(id), undefined)
    const { VpcId, SecurityGroupIngress } = inside.get('FunctionGroup')?.Properties ?? {}
    assert.deepEqual([VpcId, SecurityGroupIngress], [NETWORK.vpc, undefined])
  })

  it('are none unless it is asked for', () => {
    for (const id of idsOf('AWS::Lambda::Function')) assert.equal(properties(id).VpcConfig, undefined)
    assert.equal(resources.has('FunctionGroup'), false)
  })
})

describe('the relay on Fargate', () => {
  const fargate = synth({ ...EVERYTHING, fargate: FARGATE })
  const made = (id: string) => fargate.resources.get(id)?.Properties
  const container = () => made('RelayTask').ContainerDefinitions[0]

  it('is there instead of the function', () => {
    assert.equal(fargate.resources.has('Relay') || fargate.resources.has('RelaySchedule'), false)
    const { LaunchType, NetworkConfiguration } = made('RelayService')
    assert.equal(LaunchType, 'FARGATE')
    const { AssignPublicIp, Subnets } = NetworkConfiguration.AwsvpcConfiguration
    assert.deepEqual([AssignPublicIp, Subnets], ['DISABLED', FARGATE.subnets])
    const open = synth({ fargate: { ...FARGATE, hasPublicIp: true } }).resources.get('RelayService')
    assert.equal(open?.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp, 'ENABLED')
  })

  it('is one at any time: an inventory is for one relay', () => {
    const { DesiredCount, DeploymentConfiguration } = made('RelayService')
    const { MinimumHealthyPercent, MaximumPercent } = DeploymentConfiguration
    assert.deepEqual([DesiredCount, MinimumHealthyPercent, MaximumPercent], [1, 0, 100])
  })

  it('is small, for arm64, and can write and become nothing', () => {
    const { Cpu, Memory, RuntimePlatform } = made('RelayTask')
    assert.deepEqual([Cpu, Memory, RuntimePlatform.CpuArchitecture], ['256', '512', 'ARM64'])
    assert.equal(container().Image, FARGATE.image)
    assert.equal(container().User, '1000:1000')
    assert.equal(container().ReadonlyRootFilesystem, true)
    assert.deepEqual(container().LinuxParameters.Capabilities, { Drop: ['ALL'] })
  })

  it('is asked for its health, and has time to stop', () => {
    assert.equal(container().StopTimeout, 30)
    const [how, program, , script] = container().HealthCheck.Command
    assert.deepEqual([how, program], ['CMD', 'node'])
    assert.match(script, /127\.0\.0\.1:8080\/healthz/)
  })

  it('has the settings of the function', () => {
    const names = container().Environment.map(({ Name }: { Name: string }) => Name)
    assert.deepEqual(names.sort(), [...FUNCTIONS.relay.settings, 'AWS_REGION'].sort())
  })

  it('lets nobody in', () => {
    assert.equal(made('RelayGroup').SecurityGroupIngress, undefined)
    fargate.template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0)
  })

  it('is missed when no task runs', () => {
    const { MetricName, Statistic, TreatMissingData } = made('RelayGoneAlarm')
    assert.deepEqual(
      [MetricName, Statistic, TreatMissingData],
      ['CPUUtilization', 'SampleCount', 'breaching'],
    )
  })

  it('is let into EKS by the role of its task', () => {
    const entry = made('Accessrelayprod')
    assert.equal(text(entry.PrincipalArn), 'RelayTaskTaskRole.Arn')
    assert.deepEqual(entry.KubernetesGroups, ['web-relay'])
  })
})
