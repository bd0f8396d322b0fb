import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { networkTypes } from '../../lib/apiserver/kinds/network.ts'
import type { Json, JsonObject, ResourceType } from '../../lib/apiserver/resource.ts'
import { applyDefaults } from '../../lib/apiserver/schema/default.ts'
import { prune } from '../../lib/apiserver/schema/prune.ts'

const typeOf = (kind: string): ResourceType => {
  const found = networkTypes.find((type) => type.kind === kind)
  assert.ok(found, kind)
  return found
}

/** What the server makes of an object before it validates it. */
const written = (kind: string, given: JsonObject, before?: JsonObject): JsonObject => {
  const type = typeOf(kind)
  const object = structuredClone(given)
  prune(object, type.schema)
  applyDefaults(object, type.schema)
  type.defaults?.(object)
  type.prepare?.(object, before, {
    clusterIP: () => '10.0.0.1',
    nodePort: () => 30000,
    refuseAddress: () => undefined,
    refusePort: () => undefined,
    now: () => '2026-01-01T00:00:00Z',
  })
  return object
}

/** The fields that are refused and why, in order: texts up to the explanation of a form. */
const refused = (kind: string, given: JsonObject, before?: JsonObject, subresource?: string): string[] =>
  (typeOf(kind).validate?.(written(kind, given, before), before, subresource) ?? []).map(
    ({ field, message }) => `${field}: ${message.replace(/(must consist|\(e\.g\.).*$/s, '…')}`,
  )

const warned = (kind: string, given: JsonObject, before?: JsonObject, subresource?: string): string[] =>
  typeOf(kind).warnings?.(written(kind, given, before), before, subresource) ?? []

const service = (port: JsonObject = { number: 80 }, name = 's'): JsonObject => ({ service: { name, port } })
const ingress = (spec: JsonObject, annotations: JsonObject = {}): JsonObject => ({
  metadata: { name: 'a', annotations },
  spec,
})
const backed = (backend: JsonObject): JsonObject => ingress({ defaultBackend: backend })
const pathed = (...paths: JsonObject[]): JsonObject =>
  ingress({ rules: [{ http: { paths: paths.map((path) => ({ backend: service(), ...path })) } }] })

describe('Ingress', () => {
  const cases: [what: string, object: JsonObject, problems: string[]][] = [
    ['a backend', backed(service()), []],
    ['a resource', backed({ resource: { kind: 'X', name: 'y' } }), []],
    [
      'nothing',
      ingress({}),
      ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    ],
    [
      'no backend',
      backed({}),
      ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
    ],
    [
      'both backends',
      backed({ ...service(), resource: { kind: 'X', name: 'y' } }),
      ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ],
    [
      'a resource that is none',
      backed({ resource: { apiGroup: 'A_', kind: '', name: 'a/b' } }),
      [
        'spec.defaultBackend.resource.apiGroup: Invalid value: "A_": a lowercase RFC 1123 subdomain …',
        'spec.defaultBackend.resource.kind: Required value',
        'spec.defaultBackend.resource.name: Invalid value: "a/b": may not contain \'/\'',
      ],
    ],
    ['a name that starts with a digit', backed(service({ number: 1 }, '1a')), []],
    [
      'no name and no port',
      backed(service({}, '')),
      [
        'spec.defaultBackend.service.name: Required value',
        'spec.defaultBackend: Required value: port name or number is required',
      ],
    ],
    [
      'two ports',
      backed(service({ name: 'a', number: 1 })),
      ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
    ],
    [
      'a port that is none',
      backed(service({ number: 70000 })),
      [
        'spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      'a port name that is none',
      backed(service({ name: '12' })),
      ['spec.defaultBackend.service.port.name: Invalid value: "12": must contain at least one letter (a-z)'],
    ],
    [
      'types of paths',
      pathed({ path: 'x' }, { path: 'x', pathType: 'Odd' }, { pathType: 'ImplementationSpecific' }),
      [
        'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
        'spec.rules[0].http.paths[1].pathType: Unsupported value: "Odd": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      ],
    ],
    [
      'paths',
      pathed(
        { pathType: 'Prefix' },
        { path: '/a//b/..', pathType: 'Exact' },
        { path: 'a//b', pathType: 'ImplementationSpecific' },
      ),
      [
        'spec.rules[0].http.paths[0].path: Invalid value: "": must be an absolute path',
        'spec.rules[0].http.paths[1].path: Invalid value: "/a//b/..": must not contain \'//\'',
        'spec.rules[0].http.paths[1].path: Invalid value: "/a//b/..": cannot end with \'/..\'',
        'spec.rules[0].http.paths[2].path: Invalid value: "a//b": must be an absolute path',
      ],
    ],
    ['no paths', pathed(), ['spec.rules[0].http.paths: Required value']],
    [
      'hosts',
      ingress({ rules: ['Bad_', '1.2.3.4', '*.a', '*'].map((host) => ({ host })) }),
      [
        'spec.rules[0].host: Invalid value: "Bad_": a lowercase RFC 1123 subdomain …',
        'spec.rules[1].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
        'spec.rules[3].host: Invalid value: "*": a wildcard DNS-1123 subdomain must start with \'*.\', followed by a valid DNS subdomain, which …',
      ],
    ],
    [
      'tls and class',
      ingress({
        defaultBackend: service(),
        tls: [{ hosts: ['*.a', 'B_'], secretName: 'C_' }],
        ingressClassName: 'D_',
      }),
      [
        'spec.tls[0].hosts[1]: Invalid value: "B_": a lowercase RFC 1123 subdomain …',
        'spec.tls[0].secretName: Invalid value: "C_": a lowercase RFC 1123 subdomain …',
        'spec.ingressClassName: Invalid value: "D_": a lowercase RFC 1123 subdomain …',
      ],
    ],
  ]
  for (const [what, object, problems] of cases)
    it(`answers ${what}`, () => assert.deepEqual(refused('Ingress', object), problems))

  it('names its class once, and in its spec', () => {
    const annotation = { 'kubernetes.io/ingress.class': 'x' }
    const both = ingress({ defaultBackend: service(), ingressClassName: 'y' }, annotation)
    assert.deepEqual(refused('Ingress', both), [
      'annotations.kubernetes.io/ingress.class: Invalid value: "x": must match `ingressClassName` when both are specified',
    ])
    assert.deepEqual(refused('Ingress', both, both), [])
    assert.deepEqual(warned('Ingress', both), [])
    const old = ingress({ defaultBackend: service() }, annotation)
    assert.deepEqual(warned('Ingress', old), [
      'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
    ])
    assert.deepEqual(warned('Ingress', old, old), [])
  })

  it('keeps what was let through once', () => {
    const odd = ingress({ rules: [{ host: '*.a', http: { paths: [] } }], tls: [{ secretName: 'C_' }] })
    assert.equal(refused('Ingress', odd).length, 2)
    assert.deepEqual(refused('Ingress', odd, odd), [])
  })

  it('has a status with addresses', () => {
    const withStatus = (...list: JsonObject[]): JsonObject => ({
      ...ingress({}),
      status: { loadBalancer: { ingress: list } },
    })
    const given = withStatus({ ip: 'x' }, { hostname: '1.2.3.4' }, { ip: '1.2.3.4', hostname: 'B_' })
    assert.deepEqual(refused('Ingress', given, ingress({}), 'status'), [
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, …',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'status.loadBalancer.ingress[2].hostname: Invalid value: "B_": a lowercase RFC 1123 subdomain …',
    ])
    const known = withStatus({ ip: '01.2.3.4' })
    assert.deepEqual(refused('Ingress', known, known, 'status'), [])
    assert.deepEqual(warned('Ingress', known, known, 'status'), [
      'status.loadBalancer.ingress[0]: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"',
    ])
  })
})

const policy = (spec: JsonObject): JsonObject => ({
  metadata: { name: 'a' },
  spec: { podSelector: {}, ...spec },
})
const fromPeer = (peer: JsonObject): JsonObject => policy({ ingress: [{ from: [peer] }] })
const block = (cidr: string, ...except: string[]): JsonObject => ({ ipBlock: { cidr, except } })

describe('NetworkPolicy', () => {
  const peer = 'spec.ingress[0].from[0]'
  const form = 'must be a valid CIDR value, …'
  const cases: [what: string, object: JsonObject, problems: string[]][] = [
    ['a selector', policy({}), []],
    [
      'a selector that is none',
      policy({ podSelector: { matchExpressions: [{ key: 'k', operator: 'Odd', values: ['a b'] }] } }),
      [
        'spec.podSelector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
        "spec.podSelector.matchExpressions[0].values[0]: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character …",
      ],
    ],
    ['no peer', fromPeer({}), [`${peer}: Required value: must specify a peer`]],
    [
      'two peers',
      fromPeer({ ...block('10.0.0.0/8'), podSelector: {} }),
      [`${peer}: Forbidden: may not specify both ipBlock and another peer`],
    ],
    ['two selectors', fromPeer({ namespaceSelector: {}, podSelector: {} }), []],
    ['no range', fromPeer(block('')), [`${peer}.ipBlock.cidr: Required value`]],
    [
      'a range that is none',
      fromPeer(block('x', 'y')),
      [`${peer}.ipBlock.cidr: Invalid value: "x": ${form}`],
    ],
    [
      'exceptions',
      fromPeer(block('10.0.0.0/8', '10.1.0.0/16', '11.0.0.0/16', '10.0.0.0/8', '2001:db8::/64', 'y')),
      [
        ...['11.0.0.0/16', '10.0.0.0/8', '2001:db8::/64'].map(
          (text, index) =>
            `${peer}.ipBlock.except[${index + 1}]: Invalid value: "${text}": must be a strict subset of \`cidr\``,
        ),
        `${peer}.ipBlock.except[4]: Invalid value: "y": ${form}`,
      ],
    ],
    [
      'a range with more than a prefix',
      fromPeer(block('10.1.0.0/8')),
      [`${peer}.ipBlock.cidr: Invalid value: "10.1.0.0/8": must not have bits set beyond the prefix length`],
    ],
    [
      'ports',
      policy({
        egress: [
          {
            ports: [
              { port: 0 },
              { port: 'Bad_', protocol: 'X' },
              { port: 'x', endPort: 5 },
              { port: 9, endPort: 5 },
              { port: 9, endPort: 70000 },
              { endPort: 5 },
            ],
          },
        ],
      }),
      [
        'spec.egress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.egress[0].ports[1].protocol: Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"',
        'spec.egress[0].ports[1].port: Invalid value: "Bad_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'spec.egress[0].ports[2].endPort: Invalid value: 5: may not be specified when `port` is non-numeric',
        'spec.egress[0].ports[3].endPort: Invalid value: 9: must be greater than or equal to `port`',
        'spec.egress[0].ports[4].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
        'spec.egress[0].ports[5].endPort: Invalid value: 5: may not be specified when `port` is not specified',
      ],
    ],
    [
      'types',
      policy({ policyTypes: ['Odd'] }),
      ['spec.policyTypes[0]: Unsupported value: "Odd": supported values: "Ingress", "Egress"'],
    ],
    [
      'three types',
      policy({ policyTypes: ['Odd', 'Odd', 'Odd'] }),
      ['spec.policyTypes: Invalid value: ["Odd","Odd","Odd"]: may not specify more than two policyTypes'],
    ],
  ]
  for (const [what, object, problems] of cases)
    it(`answers ${what}`, () => assert.deepEqual(refused('NetworkPolicy', object), problems))

  it('keeps ranges and values that it had', () => {
    const podSelector = { matchExpressions: [{ key: 'k', operator: 'In', values: ['a b'] }] }
    const old = { ...policy({ podSelector, egress: [{ to: [block('10.1.0.0/08')] }] }) }
    assert.equal(refused('NetworkPolicy', old).length, 2)
    assert.deepEqual(refused('NetworkPolicy', old, old), [])
    assert.deepEqual(warned('NetworkPolicy', old, old), [
      'spec.egress[0].to[0].ipBlock.cidr: CIDR value "10.1.0.0/08" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.0.0/32"?)',
      'spec.egress[0].to[0].ipBlock.cidr: non-standard CIDR value "10.1.0.0/08" is invalid: use "10.0.0.0/8"',
    ])
  })

  it('has types by what it has rules for', () => {
    const typesOf = (spec: JsonObject): Json | undefined => {
      const made = written('NetworkPolicy', policy(spec)).spec
      return typeof made === 'object' && made !== null && !Array.isArray(made) ? made.policyTypes : undefined
    }
    assert.deepEqual(typesOf({ policyTypes: [] }), ['Ingress'])
    assert.deepEqual(typesOf({ egress: [{}] }), ['Ingress', 'Egress'])
  })
})

const endpoints = (subset: JsonObject): JsonObject => ({ metadata: { name: 'a' }, subsets: [subset] })

describe('Endpoints', () => {
  const ips = ['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.1', '::', '::1', 'fe80::1', 'ff02::1', 'x']
  const odd = endpoints({
    addresses: ips.map((ip) => ({ ip })),
    notReadyAddresses: [{ ip: '10.0.0.1', hostname: 'B_', nodeName: 'C_' }],
    ports: [{ port: 0 }, { port: 1, name: 'D_', protocol: 'X', appProtocol: 'a b' }],
  })

  it('refuses addresses that lead nowhere, and ports that are none', () => {
    const reach = [
      'may not be unspecified (0.0.0.0)',
      'may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ]
    const long = ['may not be unspecified (::)', ...reach.slice(1)]
    assert.deepEqual(refused('Endpoints', odd), [
      ...[...reach, ...long].map(
        (text, index) => `subsets[0].addresses[${index}].ip: Invalid value: "${ips[index]}": ${text}`,
      ),
      'subsets[0].addresses[8].ip: Invalid value: "x": must be a valid IP address, …',
      'subsets[0].addresses[8].ip: Invalid value: "x": must be a valid IP address',
      'subsets[0].notReadyAddresses[0].hostname: Invalid value: "B_": a lowercase RFC 1123 label …',
      'subsets[0].notReadyAddresses[0].nodeName: Invalid value: "C_": a lowercase RFC 1123 subdomain …',
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[0].ports[1].name: Invalid value: "D_": a lowercase RFC 1123 label …',
      'subsets[0].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      'subsets[0].ports[1].appProtocol: Invalid value: "a b": name part …',
    ])
    assert.deepEqual(refused('Endpoints', endpoints({})), [
      'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
    ])
  })

  it('does not look again at what did not change', () =>
    assert.deepEqual(refused('Endpoints', odd, written('Endpoints', odd)), []))

  it('warns of addresses in other forms, but not its controller', () => {
    const object = endpoints({ addresses: [{ ip: '2001:DB8::1' }] })
    assert.deepEqual(warned('Endpoints', object), [
      'subsets[0].addresses[0].ip: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ])
    const labels = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
    assert.deepEqual(warned('Endpoints', { ...object, metadata: { labels } }), [])
  })
})

const slice = (addressType: string, endpoint: JsonObject, ...ports: JsonObject[]): JsonObject => ({
  metadata: { name: 'a' },
  addressType,
  endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }],
  ports,
})
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`)
const named = (...names: string[]): JsonObject[] => names.map((name) => ({ name }))

describe('EndpointSlice', () => {
  const first = 'endpoints[0].addresses'
  const cases: [what: string, object: JsonObject, problems: string[]][] = [
    ['an address', slice('IPv4', {}, { port: 80 }), []],
    ['no type', slice('', {}), ['addressType: Required value']],
    [
      'an unknown type, whose addresses may be anything',
      slice('Odd', { addresses: ['x'] }),
      ['addressType: Unsupported value: "Odd": supported values: "FQDN", "IPv4", "IPv6"'],
    ],
    [
      'no addresses',
      slice('IPv4', { addresses: [] }),
      [`${first}: Required value: must contain at least 1 address`],
    ],
    [
      'too many addresses',
      slice('', { addresses: many(101) }),
      ['addressType: Required value', `${first}: Too many: 101: must have at most 100 items`],
    ],
    [
      'IPv4',
      slice('IPv4', { addresses: ['x', '2001:db8::1', '127.0.0.1'] }),
      [
        `${first}[0]: Invalid value: "x": must be a valid IP address, …`,
        `${first}: Invalid value: "2001:db8::1": must be an IPv4 address`,
        `${first}[2]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
      ],
    ],
    [
      'IPv6',
      slice('IPv6', { addresses: ['10.0.0.1', '2001:DB8::1'] }),
      [
        `${first}: Invalid value: "10.0.0.1": must be an IPv6 address`,
        `${first}[1]: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")`,
      ],
    ],
    [
      'domains',
      slice('FQDN', { addresses: ['', 'a.b.', 'B_', 'a', `${'a'.repeat(64)}.b`] }),
      [
        `${first}[0]: Required value`,
        `${first}[2]: Invalid value: "B_": a lowercase RFC 1123 subdomain …`,
        `${first}[3]: Invalid value: "a": should be a domain with at least two segments separated by dots`,
        `${first}[4]: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`,
      ],
    ],
    [
      'names',
      slice('IPv4', { hostname: 'B_', nodeName: 'C_' }),
      [
        'endpoints[0].nodeName: Invalid value: "C_": a lowercase RFC 1123 subdomain …',
        'endpoints[0].hostname: Invalid value: "B_": a lowercase RFC 1123 label …',
      ],
    ],
    [
      'hints',
      slice('IPv4', { hints: { forZones: named('z', 'z'), forNodes: named('B_') } }),
      [
        'endpoints[0].hints.forZones[1].name: Duplicate value: "z"',
        'endpoints[0].hints.forNodes[0].name: Invalid value: "B_": a lowercase RFC 1123 subdomain …',
      ],
    ],
    [
      'too many hints',
      slice('IPv4', { hints: { forZones: named(...many(9)), forNodes: named('B_') } }),
      ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
    ],
    [
      'ports',
      slice('IPv4', {}, { port: 0 }, { port: 81 }, { name: 'B_', protocol: 'X', appProtocol: 'a b' }),
      [
        'ports[1].name: Duplicate value: ""',
        'ports[2].name: Invalid value: "B_": a lowercase RFC 1123 label …',
        'ports[2].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
        'ports[2].appProtocol: Invalid value: "a b": name part …',
      ],
    ],
    [
      'too many endpoints',
      { ...slice('IPv4', {}), endpoints: many(1001).map(() => ({ addresses: [] })) },
      ['endpoints: Too many: 1001: must have at most 1000 items'],
    ],
  ]
  for (const [what, object, problems] of cases)
    it(`answers ${what}`, () => assert.deepEqual(refused('EndpointSlice', object), problems))

  it('keeps its type, and endpoints that did not change', () => {
    const old = written('EndpointSlice', slice('IPv4', { addresses: ['x'] }))
    assert.deepEqual(refused('EndpointSlice', { ...old, addressType: 'IPv6' }, old), [
      'addressType: Invalid value: "IPv6": field is immutable',
    ])
  })

  it('has no topology, but the node that was in it', () => {
    const deprecatedTopology = { 'kubernetes.io/hostname': 'n' }
    const made = (before?: JsonObject): Json | undefined =>
      written('EndpointSlice', slice('IPv4', { deprecatedTopology }), before).endpoints
    const conditions = {}
    assert.deepEqual(made(), [{ addresses: ['10.0.0.1'], conditions }])
    const before = slice('IPv4', { addresses: ['10.0.0.2'], deprecatedTopology })
    assert.deepEqual(made(before), [{ addresses: ['10.0.0.1'], conditions, nodeName: 'n' }])
  })

  it('counts changes of endpoints, ports and labels', () => {
    const counts = typeOf('EndpointSlice').bumpsGeneration
    const object = slice('IPv4', {})
    assert.equal(counts?.(object, { ...object, metadata: { annotations: { a: 'b' } } }), false)
    assert.equal(counts?.(object, { ...object, metadata: { labels: { a: 'b' } } }), true)
    assert.equal(counts?.(object, slice('IPv4', {}, { port: 1 })), true)
  })

  it('warns of domains once, and of addresses in other forms', () => {
    const domains = slice('FQDN', { addresses: ['a.b'] })
    assert.deepEqual(warned('EndpointSlice', domains), ['spec.addressType: FQDN endpoints are deprecated'])
    assert.deepEqual(warned('EndpointSlice', domains, domains), [])
    const old = slice('IPv4', { addresses: ['010.0.0.1'] })
    assert.deepEqual(warned('EndpointSlice', old, old), [
      'endpoints[0].addresses[0]: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
    ])
    const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }
    assert.deepEqual(warned('EndpointSlice', { ...old, metadata: { labels } }, old), [])
  })
})
