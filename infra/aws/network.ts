/** Where what talks to clusters runs: it calls, and nobody calls it. */
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'

/** API servers are at any address, on whatever port they have. */
const EVERYWHERE = [{ cidrIp: '0.0.0.0/0' }, { cidrIpv6: '::/0' }]

/** The id of a security group that lets everything out and nothing in. */
export function outward(scope: Construct, id: string, vpcId: string): string {
  const group = new CfnSecurityGroup(scope, id, {
    groupDescription: 'Out to API servers and AWS, nothing in',
    vpcId,
    securityGroupEgress: EVERYWHERE.map((range) => ({
      ...range,
      ipProtocol: 'tcp',
      fromPort: 1,
      toPort: 65_535,
    })),
  })
  return group.attrGroupId
}
