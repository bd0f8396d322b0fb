/**
 * What `kubectl get` shows of RoleBindings and ClusterRoleBindings.
 */
import { ageColumn, nameColumn } from '../kinds/columns.ts'
import type { Column } from '../resource.ts'
import { stringAt } from '../schema/equal.ts'
import { type Cell, objectsAt, text, wideText } from './column.ts'

const subjects =
  (kind: 'User' | 'Group' | 'ServiceAccount'): Cell =>
  (binding) =>
    objectsAt(binding, 'subjects')
      .filter((one) => one.kind === kind)
      .map(
        (one) => (kind === 'ServiceAccount' ? `${stringAt(one, 'namespace')}/` : '') + stringAt(one, 'name'),
      )
      .join(', ')

const roleText: Cell = (binding) =>
  `${stringAt(binding, 'roleRef', 'kind')}/${stringAt(binding, 'roleRef', 'name')}`

const columnsOf = (role: string, holder: string): Column[] => [
  nameColumn,
  text('Role', role, roleText),
  ageColumn,
  wideText('Users', `Users in the ${holder}`, subjects('User')),
  wideText('Groups', `Groups in the ${holder}`, subjects('Group')),
  wideText('ServiceAccounts', `ServiceAccounts in the ${holder}`, subjects('ServiceAccount')),
]

/** Of rbac.authorization.k8s.io/v1 RoleBinding. */
export const roleBindingColumns: Column[] = columnsOf(
  'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
  'roleBinding',
)

/** Of rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const clusterRoleBindingColumns: Column[] = columnsOf(
  'RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
  'clusterRoleBinding',
)
