/** Lets roles into EKS clusters: as members of a Kubernetes group, which may do what the operator's RBAC binds it to. */
import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks'
import type { IRole } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { EksCluster } from './settings.ts'

/** One principal, and the half of the operator's RBAC that it is for. */
export interface Guest {
  readonly id: string
  readonly role: IRole
  readonly group: string
}

/**
 * The clusters must be in the stack's region and account, and have the authentication mode `API` or `API_AND_CONFIG_MAP`.
 * No access policy of AWS is attached: what the groups may do is the cluster's RBAC alone.
 */
export function accessOf(scope: Construct, clusters: readonly EksCluster[], guests: readonly Guest[]): void {
  for (const { name } of clusters)
    for (const { id, role, group } of guests)
      new CfnAccessEntry(scope, `Access${id}-${name}`, {
        clusterName: name,
        principalArn: role.roleArn,
        type: 'STANDARD',
        kubernetesGroups: [group],
      })
}
