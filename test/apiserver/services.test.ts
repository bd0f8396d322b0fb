import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAllocations, dryAllocations } from '../../lib/apiserver/allocations.ts'
import { serviceType } from '../../lib/apiserver/kinds/service.ts'
import type { Allocations, JsonObject } from '../../lib/apiserver/resource.ts'
import { cidrProblems, cidrWarnings } from '../../lib/apiserver/schema/cidr.ts'
import { applyDefaults } from '../../lib/apiserver/schema/default.ts'
import { objectAt } from '../../lib/apiserver/schema/equal.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const taken = ['10.0.0.9', '30009']
const allocations = (): Allocations =>
  createAllocations(
    { addresses: 0, ports: 0 },
    (value) => taken.includes(value),
    () => '2026-01-01T00:00:00Z',
  )

const ports = [{ port: 80 }]
const service = (spec: JsonObject, annotations?: JsonObject): JsonObject => ({
  metadata: { name: 's', ...(annotations && { annotations }) },
  spec: { ports, ...spec },
})

/** What the server makes of an object before it validates it. */
const prepared = (given: JsonObject, before?: JsonObject, server = allocations()): JsonObject => {
  const object = structuredClone(given)
  prune(object, serviceType.schema)
  applyDefaults(object, serviceType.schema)
  serviceType.defaults?.(object)
  serviceType.prepare?.(object, before, server)
  return object
}

/** Why it is refused: in preparation, which says so at once, or by the rules. */
const refusals = (given: JsonObject, before?: JsonObject): string[] => {
  try {
    const problems = serviceType.validate?.(prepared(given, before), before) ?? []
    return problems.map(({ field, message }) => `${field}: ${message}`)
  } catch (error) {
    return [error instanceof Error ? error.message.replace('Service "s" is invalid: ', '') : String(error)]
  }
}

const specOf = (object: JsonObject): JsonObject => objectAt(object, 'spec')

/** A change of the spec of what was made before. */
const changed = (before: JsonObject, spec: JsonObject): JsonObject => ({
  ...before,
  spec: { ...specOf(before), ...spec },
})

const onlyBalanced = "Forbidden: may only be used when `type` is 'LoadBalancer'"
const badIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const mode = 'service.kubernetes.io/topology-mode'
const hints = 'service.kubernetes.io/topology-aware-hints'
const ranges = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** A Service by its spec, and all that is wrong with it (a real kube-apiserver v1.36). */
const cases: [what: string, spec: JsonObject, problems: string[], annotations?: JsonObject][] = [
  ['nothing', {}, []],
  ['no ports', { ports: [] }, ['spec.ports: Required value']],
  ['no ports without an address', { ports: [], clusterIP: 'None' }, []],
  [
    'ports without an address',
    { type: 'NodePort', clusterIP: 'None' },
    [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
  ],
  [
    'a name with an address and none',
    { type: 'ExternalName', clusterIP: '1.2.3.4', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    [
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
      'spec.externalName: Required value',
    ],
  ],
  ['a name with a dot at its end', { type: 'ExternalName', externalName: 'x.example.com.' }, []],
  [
    'ports that say little',
    { ports: [{ port: 1 }, { port: 70000, name: 'a', protocol: 'X', targetPort: 'a--b', appProtocol: '' }] },
    [
      'spec.ports[0].name: Required value',
      'spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      'spec.ports[1].targetPort: Invalid value: "a--b": must not contain consecutive hyphens',
      'spec.ports[1].appProtocol: Invalid value: "": name part must be non-empty',
      `spec.ports[1].appProtocol: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
  ],
  [
    'what is there twice',
    {
      type: 'NodePort',
      ports: [
        { port: 1, name: 'a', nodePort: 30001 },
        { port: 1, name: 'a', nodePort: 30001 },
      ],
    },
    [
      'spec.ports[1].name: Duplicate value: "a"',
      'spec.ports[1].nodePort: Duplicate value: 30001',
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}',
    ],
  ],
  [
    'a port of nodes',
    { ports: [{ port: 1, nodePort: 31000 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'a port of nodes that is another one’s',
    { type: 'NodePort', ports: [{ port: 1, nodePort: 30009 }] },
    ['spec.ports[0].nodePort: Invalid value: 30009: provided port is already allocated'],
  ],
  [
    'a port of nodes that is none',
    { type: 'NodePort', ports: [{ port: 1, nodePort: 1 }] },
    [
      'spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
  [
    'clients that stick for too long',
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } },
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
  ],
  ['an address that is none', { clusterIP: 'x' }, [`spec.clusterIPs[0]: Invalid value: "x": ${badIp}`]],
  [
    'an address that is another one’s',
    { clusterIP: '10.0.0.9' },
    [
      'spec.clusterIPs: Invalid value: ["10.0.0.9"]: failed to allocate IP 10.0.0.9: provided IP is already allocated',
    ],
  ],
  [
    'an address from elsewhere',
    { clusterIP: '192.168.1.1' },
    [
      'spec.clusterIPs: Invalid value: ["192.168.1.1"]: failed to allocate IP 192.168.1.1: the provided IP (192.168.1.1) is not in the valid range. The range of valid IPs is 10.0.0.0/24',
    ],
  ],
  [
    'addresses without the first',
    { clusterIPs: ['10.0.0.5'] },
    ['spec.clusterIPs: Invalid value: ["10.0.0.5"]: must be empty when `clusterIP` is not specified'],
  ],
  [
    'addresses that do not go together',
    { clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.6', '10.0.0.7', '::1'] },
    [
      '[spec.clusterIPs: Invalid value: ["10.0.0.6","10.0.0.7","::1"]: first value must match `clusterIP`, spec.clusterIPs: Invalid value: ["10.0.0.6","10.0.0.7","::1"]: may only hold up to 2 values]',
    ],
  ],
  [
    'families that do not match',
    { clusterIP: '10.0.0.5', ipFamilies: ['IPv6', 'IPv6', 'X'] },
    [
      '[spec.ipFamilies[1]: Duplicate value: "IPv6", spec.ipFamilies[2]: Unsupported value: "X": supported values: "IPv4", "IPv6", spec.clusterIPs[0]: Invalid value: "10.0.0.5": expected an IPv6 value as indicated by `ipFamilies[0]`]',
    ],
  ],
  [
    'a family that the cluster has not',
    { ipFamilies: ['IPv6'] },
    ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  ],
  [
    'two families of a single stack',
    { ipFamilies: ['IPv4', 'IPv6'] },
    [
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    ],
  ],
  [
    'two stacks of a cluster with one',
    { ipFamilyPolicy: 'RequireDualStack' },
    [
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
  ],
  [
    'addresses outside that mean something else',
    { externalIPs: ['x', '127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1', 'fe80::1'] },
    [
      `spec.externalIPs[0]: Invalid value: "x": ${badIp}`,
      'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[3]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[4]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[5]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
  ],
  [
    'what only load balancers have',
    { allocateLoadBalancerNodePorts: true, loadBalancerClass: 'x', healthCheckNodePort: 30000 },
    [
      `spec.allocateLoadBalancerNodePorts: ${onlyBalanced}`,
      `spec.loadBalancerClass: ${onlyBalanced}`,
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [
    'ranges of clients',
    { loadBalancerSourceRanges: [' 10.0.0.0/8 ', '10.0.0.1/8'] },
    [
      `spec.LoadBalancerSourceRanges: ${onlyBalanced}`,
      'spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
    ],
  ],
  [
    'annotations that say what fields do',
    { type: 'LoadBalancer' },
    [
      `metadata.annotations[${mode}]: Invalid value: "Auto": must match annotations[${hints}] when both are specified`,
      `metadata.annotations[${ranges}]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    ],
    { [mode]: 'Auto', [hints]: 'Disabled', [ranges]: '10.0.0.0/8, x' },
  ],
  [
    'policies',
    { externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Odd', trafficDistribution: 'Odd' },
    [
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      'spec.internalTrafficPolicy: Unsupported value: "Odd": supported values: "Cluster", "Local"',
      'spec.trafficDistribution: Unsupported value: "Odd": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
]

describe('the rules of Services', () => {
  for (const [what, spec, problems, annotations] of cases)
    it(what, () => {
      assert.deepEqual(refusals(service(spec, annotations)), problems)
    })
})

describe('what a Service is given', () => {
  it('has a health check port and ports of nodes only where they are asked for', () => {
    const balanced = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }
    const spec = specOf(prepared(service({ ...balanced, allocateLoadBalancerNodePorts: false })))
    assert.deepEqual([typeof spec.healthCheckNodePort, spec.ports], ['number', [port(80)]])
  })

  it('shares a port of nodes between protocols', () => {
    const both = [
      { name: 'a', port: 53 },
      { name: 'b', port: 53, protocol: 'UDP', nodePort: 30053 },
    ]
    const spec = specOf(prepared(service({ type: 'NodePort', ports: both })))
    assert.deepEqual(spec.ports, [
      { ...port(53), name: 'a', nodePort: 30053 },
      { ...port(53), name: 'b', protocol: 'UDP', nodePort: 30053 },
    ])
  })

  it('has two families where nothing is known of it', () => {
    const { ipFamilies, ipFamilyPolicy } = specOf(prepared(service({ clusterIP: 'None' })))
    assert.deepEqual([ipFamilies, ipFamilyPolicy], [['IPv4', 'IPv6'], 'RequireDualStack'])
  })

  it('is given nothing by a dry run', () => {
    const asked = service({ type: 'NodePort' })
    const spec = specOf(prepared(asked, undefined, dryAllocations(allocations())))
    assert.deepEqual([spec.clusterIP, spec.ports], ['10.0.0.0', [{ ...port(80), nodePort: 32769 }]])
  })
})

const port = (number: number): JsonObject => ({ port: number, protocol: 'TCP', targetPort: number })

describe('changes of Services', () => {
  it('keep what was allocated, by names of ports', () => {
    const before = prepared(service({ type: 'NodePort' }))
    const after = prepared(service({ type: 'NodePort', ports: [{ port: 81 }] }), before)
    const [had, now] = [specOf(before), specOf(after)]
    assert.equal(now.clusterIP, had.clusterIP)
    assert.deepEqual(now.ports, [{ ...port(81), nodePort: firstOf(had).nodePort }])
  })

  it('leave nothing of the type before', () => {
    const before = prepared(
      service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', loadBalancerClass: 'x' }),
    )
    const after = specOf(prepared(changed(before, { type: 'ExternalName', externalName: 'x' }), before))
    assert.deepEqual(after, {
      ports: [port(80)],
      type: 'ExternalName',
      externalName: 'x',
      sessionAffinity: 'None',
    })
  })

  it('may not move addresses, classes or health checks', () => {
    const before = prepared(
      service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', clusterIP: '10.0.0.5' }),
    )
    const spec = { clusterIP: '10.0.0.6', loadBalancerClass: 'x', healthCheckNodePort: 30100 }
    assert.deepEqual(refusals(changed(before, spec), before), [
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.6"]: may not change once set',
      'spec.loadBalancerClass: Invalid value: "x": may not change once set',
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    ])
  })

  it('of the status are for load balancers, with addresses and names', () => {
    const ingress = [{ ip: '1.2.3' }, { hostname: '1.2.3.4', ipMode: 'VIP' }, { ip: '1.2.3.4', ipMode: 'X' }]
    const problemsOf = (type: string): string[] => {
      const object = { spec: { type }, status: { loadBalancer: { ingress } } }
      const problems = serviceType.validate?.(object, { spec: { type } }, 'status') ?? []
      return problems.map(({ field, message }) => `${field.replace('status.loadBalancer.', '')}: ${message}`)
    }
    assert.deepEqual(problemsOf('ClusterIP'), [
      "ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
    ])
    assert.deepEqual(problemsOf('LoadBalancer'), [
      `ingress[0].ip: Invalid value: "1.2.3": ${badIp}`,
      'ingress[0].ipMode: Required value: must be specified when `ip` is set',
      'ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set',
      'ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'ingress[2].ipMode: Unsupported value: "X": supported values: "Proxy", "VIP"',
    ])
  })
})

const firstOf = (spec: JsonObject): JsonObject => {
  const [first] = Array.isArray(spec.ports) ? spec.ports : []
  return objectAt({ first: first ?? null }, 'first')
}

describe('ranges of addresses', () => {
  it('are refused where they are ambiguous', () => {
    const texts = [
      '10.0.0.0/8',
      '010.0.0.0/8',
      '10.0.0.0/08',
      '::ffff:10.0.0.0/104',
      'fe80::/10',
      '10.0.0.0/33',
    ]
    assert.deepEqual(
      texts.map((text) => cidrProblems(text)[0]),
      [
        undefined,
        'must not have leading 0s in IP or prefix length',
        'must not have leading 0s in IP or prefix length',
        'must not have an IPv4-mapped IPv6 address',
        undefined,
        'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    )
  })

  it('are warned of where they are written oddly', () => {
    assert.deepEqual(cidrWarnings('FE80:0::/16', 'f'), [
      'f: IPv6 CIDR value "FE80:0::/16" should be in RFC 5952 canonical format ("fe80::/16")',
    ])
    assert.deepEqual(cidrWarnings('10.0.0.1/8', 'f'), [
      'f: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    ])
  })
})
