/**
 * core/v1 ComponentStatus: the parts of a control plane, as they are when they are asked. Nothing of it is stored.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { keyed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'

/** core/v1 ComponentStatus. */
export const componentStatusType: ResourceType = defineKind({
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  namespaced: false,
  shortNames: ['cs'],
  isVirtual: true,
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  fields: {
    conditions: keyed(
      struct('ComponentCondition', {
        type: 'string!',
        status: 'string!',
        message: 'string',
        error: 'string',
      }),
      ['type'],
    ),
  },
})

/** Where a scheduler and a controller manager would be asked how they are, next to the server. */
const ABSENT = [
  ['controller-manager', 10_257],
  ['scheduler', 10_259],
] as const

/** All there are: those that this server does without, and its storage. */
export const componentStatuses = (): JsonObject[] => [
  ...ABSENT.map(([name, port]) => {
    const host = `127.0.0.1:${port}`
    const message = `Get "https://${host}/healthz": dial tcp ${host}: connect: connection refused`
    return component(name, 'False', message)
  }),
  component('etcd-0', 'True', 'ok'),
]

const component = (name: string, status: string, message: string): JsonObject => ({
  metadata: { name },
  conditions: [{ type: 'Healthy', status, message }],
})
