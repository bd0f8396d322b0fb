/**
 * Endpoints, EndpointSlices, Ingresses and NetworkPolicies.
 */

import type { ResourceType } from '../resource.ts'
import { listAt, objectAt } from '../schema/equal.ts'
import {
  always,
  alwaysListOf,
  atomic,
  byDefault,
  choice,
  field,
  listOf,
  needed,
  optional,
  struct,
} from './dsl.ts'
import {
  dropTopology,
  endpointSliceChanged,
  endpointSliceProblems,
  endpointSliceWarnings,
  endpointsProblems,
  endpointsWarnings,
} from './endpointrules.ts'
import { ingressProblems, ingressWarnings } from './ingressrules.ts'
import { defineKind, specChanged } from './kind.ts'
import { networkPolicyProblems, networkPolicyWarnings } from './networkpolicyrules.ts'
import { labelSelector, objectReference, protocol, typedLocalReference } from './reference.ts'

const endpointAddress = atomic(
  struct('EndpointAddress', {
    ip: 'string!',
    hostname: 'string',
    nodeName: 'string?',
    targetRef: objectReference,
  }),
)
const endpointPort = atomic(
  struct('EndpointPort', {
    name: 'string',
    port: 'int32!',
    protocol: byDefault(protocol, 'TCP'),
    appProtocol: 'string?',
  }),
)

const endpoints: ResourceType = defineKind({
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  fields: {
    subsets: listOf(
      struct('EndpointSubset', {
        addresses: listOf(endpointAddress),
        notReadyAddresses: listOf(endpointAddress),
        ports: listOf(endpointPort),
      }),
    ),
  },
  validate: endpointsProblems,
  warnings: endpointsWarnings,
})

const endpoint = struct('Endpoint', {
  addresses: { ...listOf('string'), 'x-kubernetes-list-type': 'set', 'x-go-omit': 'null', 'x-go-zero': null },
  conditions: always(
    struct('EndpointConditions', { ready: 'bool?', serving: 'bool?', terminating: 'bool?' }),
  ),
  hostname: 'string?',
  targetRef: objectReference,
  deprecatedTopology: 'string{}',
  nodeName: 'string?',
  zone: 'string?',
  hints: struct('EndpointHints', {
    forZones: listOf(struct('ForZone', { name: 'string!' })),
    forNodes: listOf(struct('ForNode', { name: 'string!' })),
  }),
})

const endpointSlice: ResourceType = defineKind({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  bumpsGeneration: endpointSliceChanged,
  fields: {
    addressType: choice('string!', 'FQDN', 'IPv4', 'IPv6'),
    endpoints: needed(alwaysListOf(endpoint), false),
    ports: {
      ...listOf(
        atomic(
          struct('EndpointPort', {
            name: byDefault('string?', ''),
            protocol: byDefault(optional(protocol), 'TCP'),
            port: 'int32?',
            appProtocol: 'string?',
          }),
        ),
      ),
      'x-go-omit': 'null',
      'x-go-zero': null,
      'x-go-required': false,
    },
  },
  prepare: dropTopology,
  validate: endpointSliceProblems,
  warnings: endpointSliceWarnings,
})

const ingressBackend = struct('IngressBackend', {
  service: struct('IngressServiceBackend', {
    name: 'string!',
    port: always(atomic(struct('ServiceBackendPort', { name: 'string', number: 'int32' }))),
  }),
  resource: typedLocalReference,
})

const ingressRule = struct('IngressRule', {
  host: 'string',
  http: struct('HTTPIngressRuleValue', {
    paths: {
      ...listOf(
        struct('HTTPIngressPath', {
          path: 'string',
          pathType: needed(choice('string?', 'Exact', 'ImplementationSpecific', 'Prefix')),
          backend: needed(always(ingressBackend)),
        }),
      ),
      'x-go-omit': 'null',
      'x-go-zero': null,
    },
  }),
})

const ingress: ResourceType = defineKind({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('IngressSpec', {
        ingressClassName: 'string?',
        defaultBackend: ingressBackend,
        tls: listOf(struct('IngressTLS', { hosts: 'string[]', secretName: 'string' })),
        rules: listOf(ingressRule),
      }),
    ),
    status: always(
      struct('IngressStatus', {
        loadBalancer: always(
          struct('IngressLoadBalancerStatus', {
            ingress: listOf(
              struct('IngressLoadBalancerIngress', {
                ip: 'string',
                hostname: 'string',
                ports: listOf(
                  struct('IngressPortStatus', {
                    port: 'int32!',
                    protocol: { ...protocol, ...field('string!') },
                    error: 'string?',
                  }),
                ),
              }),
            ),
          }),
        ),
      }),
    ),
  },
  validate: ingressProblems,
  warnings: ingressWarnings,
})

const peer = struct('NetworkPolicyPeer', {
  podSelector: labelSelector,
  namespaceSelector: labelSelector,
  ipBlock: struct('IPBlock', { cidr: 'string!', except: 'string[]' }),
})
const policyPort = struct('NetworkPolicyPort', {
  protocol: byDefault(optional(protocol), 'TCP'),
  port: 'intOrString?',
  endPort: 'int32?',
})

const networkPolicy: ResourceType = defineKind({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  bumpsGeneration: specChanged,
  fields: {
    spec: always(
      struct('NetworkPolicySpec', {
        podSelector: always(labelSelector),
        ingress: listOf(
          struct('NetworkPolicyIngressRule', { ports: listOf(policyPort), from: listOf(peer) }),
        ),
        egress: listOf(struct('NetworkPolicyEgressRule', { ports: listOf(policyPort), to: listOf(peer) })),
        policyTypes: listOf(choice('string', 'Egress', 'Ingress')),
      }),
    ),
  },
  defaults: (object) => {
    const spec = objectAt(object, 'spec')
    if (listAt(spec, 'policyTypes').length > 0) return
    spec.policyTypes = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  },
  validate: networkPolicyProblems,
  warnings: networkPolicyWarnings,
})

/** The kinds about reaching pods, Services aside. */
export const networkTypes: readonly ResourceType[] = [endpoints, endpointSlice, ingress, networkPolicy]
