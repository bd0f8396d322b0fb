import { describe } from 'node:test'
import { refusals } from './refusals.ts'

describe('those who send objects of network that are not right', () =>
  refusals({
    '/apis/networking.k8s.io/v1/ingressclasses': [
      [{ spec: {} }, ['spec.controller: Required value']],
      [
        { spec: { controller: 'nope' } },
        ['spec.controller: Invalid value: "nope": must be a domain-prefixed path (such as "acme.io/foo")'],
      ],
      [
        {
          spec: {
            controller:
              'example.com/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          },
        },
        ['spec.controller: Too long: may not be more than 250 bytes'],
      ],
      [
        { spec: { controller: 'example.com/x', parameters: { kind: '', name: '' } } },
        ['spec.parameters.kind: Required value', 'spec.parameters.name: Required value'],
      ],
      [
        {
          spec: {
            controller: 'example.com/x',
            parameters: { kind: 'K', name: 'n', scope: 'Cluster', namespace: 'd' },
          },
        },
        ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
      ],
      [
        { spec: { controller: 'example.com/x', parameters: { kind: 'K', name: 'n', scope: 'Namespace' } } },
        ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
      ],
      [
        {
          spec: {
            controller: 'example.com/x',
            parameters: { kind: 'K', name: 'n', scope: 'Foo', apiGroup: 'A_b' },
          },
        },
        [
          'spec.parameters.apiGroup: Invalid value: "A_b": a lowercase RFC 1123 subdomain',
          'spec.parameters.scope: Unsupported value: "Foo": supported values: "Cluster", "Namespace"',
        ],
      ],
    ],
    '/apis/node.k8s.io/v1/runtimeclasses': [
      [{}, ['handler: Required value']],
      [{ handler: 'Bad_' }, ['handler: Invalid value: "Bad_": a lowercase RFC 1123 label']],
      [
        { handler: 'h', overhead: { podFixed: { cpu: '1', memory: '-1' } } },
        ['overhead.limits[memory]: Invalid value: "-1": must be greater than or equal to 0'],
      ],
      [
        {
          handler: 'h',
          scheduling: {
            nodeSelector: { 'a b': 'c' },
            tolerations: [
              { key: 'k', operator: 'X' },
              { key: 'k', effect: 'NoExecute' },
              { key: 'k', effect: 'NoExecute' },
            ],
          },
        },
        [
          'scheduling.nodeSelector: Invalid value: "a b": name part',
          'scheduling.tolerations[0].operator: Unsupported value: "X": supported values: "Equal", "Exists"',
          'scheduling.tolerations[2]: Duplicate value: {"Key":"k","Operator":"","Value":"","Effect":"NoExecute","TolerationSeconds":null}',
        ],
      ],
      [
        { handler: 'h', overhead: { podFixed: { foo: '1' } } },
        [
          'overhead.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
          'overhead.limits[foo]: Invalid value: "foo": must be a standard resource for containers',
        ],
      ],
    ],
    '/apis/networking.k8s.io/v1/ipaddresses': [
      [
        { metadata: { name: 'foo' }, spec: { parentRef: { resource: 'services', name: 's' } } },
        [
          'metadata.name: Invalid value: "foo": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ],
      ],
      [{ metadata: { name: '192.168.1.1' }, spec: {} }, ['spec.parentRef: Required value']],
      [
        {
          metadata: { name: '192.168.1.1' },
          spec: { parentRef: { group: 'A b', resource: '', name: '', namespace: 'X_' } },
        },
        [
          'spec.parentRef.group: Invalid value: "A b": a lowercase RFC 1123 subdomain',
          'spec.parentRef.resource: Required value',
          'spec.parentRef.name: Required value',
        ],
      ],
      [
        { metadata: { name: '010.1.1.1' }, spec: { parentRef: { resource: 'services', name: 's' } } },
        ['metadata.name: Invalid value: "010.1.1.1": must not have leading 0s'],
      ],
    ],
    '/apis/networking.k8s.io/v1/servicecidrs': [
      [{ spec: {} }, ['spec.cidrs: Required value: at least one CIDR required']],
      [
        { spec: { cidrs: ['foo'] } },
        [
          'spec.cidrs[0]: Invalid value: "foo": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        ],
      ],
      [
        { spec: { cidrs: ['10.1.0.0/24', 'fd00::/64', '10.2.0.0/24'] } },
        [
          'spec.cidrs: Invalid value: {"CIDRs":["10.1.0.0/24","fd00::/64","10.2.0.0/24"]}: may only hold up to 2 values',
        ],
      ],
      [
        { spec: { cidrs: ['10.1.0.0/24', '10.2.0.0/24'] } },
        [
          'spec.cidrs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
        ],
      ],
      [
        { spec: { cidrs: ['10.1.0.5/24'] } },
        ['spec.cidrs[0]: Invalid value: "10.1.0.5/24": must not have bits set beyond the prefix length'],
      ],
    ],
    '/api/v1/namespaces/default/podtemplates': [
      [{ template: {} }, ['template.spec.containers: Required value']],
      [
        { template: { spec: { restartPolicy: 'Foo', containers: [{ name: 'C', image: 'i' }] } } },
        [
          'template.spec.containers[0].name: Invalid value: "C": a lowercase RFC 1123 label',
          'template.spec.restartPolicy: Unsupported value: "Foo": supported values: "Always", "OnFailure", "Never"',
        ],
      ],
    ],
  }))
