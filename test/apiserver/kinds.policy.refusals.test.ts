import { describe } from 'node:test'
import { refusals } from './refusals.ts'

describe('those who send objects of policy that are not right', () =>
  refusals({
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets': [
      [
        { spec: { minAvailable: 1, maxUnavailable: 2, selector: {} } },
        [
          'spec: Invalid value: {"MinAvailable":1,"Selector":{},"MaxUnavailable":2,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be ',
        ],
      ],
      [
        { spec: { minAvailable: -1 } },
        ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
      ],
      [
        { spec: { minAvailable: '101%' } },
        ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
      ],
      [
        { spec: { maxUnavailable: 'abc' } },
        [
          "spec.maxUnavailable: Invalid value: \"abc\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%'",
        ],
      ],
      [
        { spec: { minAvailable: 1, unhealthyPodEvictionPolicy: 'X' } },
        [
          'spec.unhealthyPodEvictionPolicy: Unsupported value: "X": supported values: "AlwaysAllow", "IfHealthyBudget"',
        ],
      ],
      [
        { spec: { selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } },
        [
          "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        ],
      ],
      [
        { spec: { selector: { matchLabels: { 'a b': 'c' } } } },
        ['spec.selector.matchLabels: Invalid value: "a b": name part'],
      ],
    ],
    '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers': [
      [
        { spec: {} },
        [
          'spec.maxReplicas: Required value: must be set and greater than 0',
          'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
          'spec.scaleTargetRef.kind: Required value',
          'spec.scaleTargetRef.name: Required value',
          'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
        ],
      ],
      [
        {
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
            minReplicas: 5,
            maxReplicas: 3,
          },
        },
        ['spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
      ],
      [
        {
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
            minReplicas: 0,
            maxReplicas: 3,
          },
        },
        [
          'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
          'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
        ],
      ],
      [
        { spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 3 } },
        ['spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
      ],
      [
        {
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
            maxReplicas: 3,
            metrics: [
              { type: 'Foo' },
              { type: 'Resource' },
              {
                type: 'Pods',
                resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
              },
            ],
          },
        },
        [
          'spec.metrics[0].type: Unsupported value: "Foo": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
          'spec.metrics[0].type: Unsupported value: "Foo": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
          'spec.metrics[1].resource: Required value: must populate information for the given metric source',
          'spec.metrics[2].pods: Required value: must populate information for the given metric source',
        ],
      ],
      [
        {
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
            maxReplicas: 3,
            metrics: [
              { type: 'Resource', resource: { name: 'cpu', target: { type: 'Foo', averageUtilization: 0 } } },
              { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue' } } },
              {
                type: 'Object',
                object: {
                  describedObject: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
                  metric: { name: 'a/b' },
                  target: { type: 'Value', value: '-1' },
                },
              },
              {
                type: 'External',
                external: { metric: { name: '' }, target: { type: 'Value', value: '1', averageValue: '1' } },
              },
            ],
          },
        },
        [
          'spec.metrics[0].resource.target.type: Invalid value: "Foo": must be either Utilization, Value, or AverageValue',
          'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
          'spec.metrics[1].pods.target.averageValue: Required value: must specify a positive target averageValue',
          'spec.metrics[2].object.metric.name: Invalid value: "a/b": may not contain \'/\'',
          'spec.metrics[2].object.target.value: Invalid value: "-1": must be positive',
          'spec.metrics[3].external.metric.name: Required value: must specify a metric name',
          'spec.metrics[3].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
        ],
      ],
    ],
  }))
