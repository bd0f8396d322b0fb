/**
 * Who has the roles that every cluster begins with. A subject is a service account, a group, or (`user:`) somebody with a name.
 */
import { controllerUser } from './user.ts'

const account = (name: string): string => controllerUser(name).username

/** Subjects of ClusterRoles, each bound under its own name. */
export const CLUSTER_BINDINGS: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['system:masters'],
  'system:basic-user': ['system:authenticated'],
  'system:controller:clusterrole-aggregation-controller': [account('clusterrole-aggregation-controller')],
  'system:controller:generic-garbage-collector': [account('generic-garbage-collector')],
  'system:controller:namespace-controller': [account('namespace-controller')],
  'system:discovery': ['system:authenticated'],
  'system:kube-controller-manager': ['user:system:kube-controller-manager'],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': ['user:system:kube-scheduler'],
  'system:monitoring': ['system:monitoring'],
  'system:node': [],
  'system:node-proxier': ['user:system:kube-proxy'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  'system:service-account-issuer-discovery': ['system:serviceaccounts'],
  'system:volume-scheduler': ['user:system:kube-scheduler'],
}

const MANAGER_LOCK = 'system::leader-locking-kube-controller-manager'
const SCHEDULER_LOCK = 'system::leader-locking-kube-scheduler'

/** Bindings of the namespace kube-system to its roles. */
export const SYSTEM_BINDINGS: Readonly<Record<string, { role: string; subjects: readonly string[] }>> = {
  'system::extension-apiserver-authentication-reader': {
    role: 'extension-apiserver-authentication-reader',
    subjects: ['user:system:kube-controller-manager', 'user:system:kube-scheduler'],
  },
  [MANAGER_LOCK]: {
    role: MANAGER_LOCK,
    subjects: [
      'user:system:kube-controller-manager',
      account('kube-controller-manager'),
      account('leader-election-controller'),
    ],
  },
  [SCHEDULER_LOCK]: {
    role: SCHEDULER_LOCK,
    subjects: ['user:system:kube-scheduler', account('kube-scheduler')],
  },
}
