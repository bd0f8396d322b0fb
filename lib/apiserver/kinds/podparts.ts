/**
 * The parts of a pod that have paths of their own.
 */

import type { Subresource } from '../resource.ts'
import { evictionType } from './disruption.ts'
import { bindingType } from './podtemplate.ts'
import { podProxy } from './proxy.ts'

const upgrade = { methods: ['GET', 'POST'], hasPath: false }

/** Those besides the status. */
export const podParts: Subresource[] = [
  {
    name: 'attach',
    kind: 'PodAttachOptions',
    verbs: ['create', 'get'],
    options: 'PodAttachOptions',
    connection: upgrade,
  },
  { name: 'binding', kind: 'Binding', sent: bindingType, verbs: ['create'] },
  { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
  {
    name: 'eviction',
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    sent: evictionType,
    verbs: ['create'],
  },
  {
    name: 'exec',
    kind: 'PodExecOptions',
    verbs: ['create', 'get'],
    options: 'PodExecOptions',
    connection: upgrade,
  },
  { name: 'log', verbs: ['get'], options: 'PodLogOptions' },
  {
    name: 'portforward',
    kind: 'PodPortForwardOptions',
    verbs: ['create', 'get'],
    options: 'PodPortForwardOptions',
    connection: upgrade,
  },
  podProxy,
  { name: 'resize', verbs: ['get', 'patch', 'update'] },
]
