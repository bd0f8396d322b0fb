import { describe } from 'node:test'
import { refusals } from './refusals.ts'

describe('those who send objects of storage that are not right', () =>
  refusals({
    '/apis/storage.k8s.io/v1/storageclasses': [
      [{}, ['provisioner: Required value']],
      [{ provisioner: 'a b' }, ['provisioner: Invalid value: "a b": name part']],
      [
        { provisioner: 'p', reclaimPolicy: 'Foo', volumeBindingMode: 'Bar' },
        [
          'reclaimPolicy: Unsupported value: "Foo": supported values: "Delete", "Retain"',
          'volumeBindingMode: Unsupported value: "Bar": supported values: "Immediate", "WaitForFirstConsumer"',
        ],
      ],
      [
        { provisioner: 'p', parameters: { '': 'x' } },
        ['parameters: Invalid value: "": field can not be empty.'],
      ],
      [
        { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'k', values: [] }] }] },
        ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
      ],
      [
        {
          provisioner: 'p',
          allowedTopologies: [
            { matchLabelExpressions: [{ key: 'k', values: ['a'] }] },
            { matchLabelExpressions: [{ key: 'k', values: ['a'] }] },
          ],
        },
        ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
      ],
      [
        { provisioner: 'p', reclaimPolicy: 'Recycle' },
        ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
      ],
      [
        {
          provisioner: 'p',
          allowedTopologies: [
            {
              matchLabelExpressions: [
                { key: 'k', values: ['a', 'a'] },
                { key: 'k', values: ['b'] },
              ],
            },
          ],
        },
        [
          'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
          'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "k"',
        ],
      ],
    ],
    '/apis/storage.k8s.io/v1/csidrivers': [
      [
        { metadata: { name: 'd.io' }, spec: { volumeLifecycleModes: ['Foo'] } },
        ['spec.volumeLifecycleModes: Unsupported value: "Foo": supported values: "Persistent", "Ephemeral"'],
      ],
      [
        { metadata: { name: 'd.io' }, spec: { fsGroupPolicy: 'X' } },
        [
          'spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", "ReadWriteOnceWithFSType"',
        ],
      ],
      [
        { metadata: { name: 'a_b' }, spec: {} },
        ['metadata.name: Invalid value: "a_b": a lowercase RFC 1123 subdomain'],
      ],
      [
        {
          metadata: { name: 'd.io' },
          spec: { tokenRequests: [{ audience: 'a' }, { audience: 'a', expirationSeconds: 5 }] },
        },
        ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
      ],
      [
        {
          metadata: { name: 'd.io' },
          spec: {
            attachRequired: false,
            podInfoOnMount: true,
            storageCapacity: true,
            volumeLifecycleModes: ['Ephemeral'],
            tokenRequests: [{ audience: '' }],
            requiresRepublish: true,
            seLinuxMount: true,
            nodeAllocatableUpdatePeriodSeconds: 5,
          },
        },
        [
          'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds',
        ],
      ],
    ],
    '/apis/storage.k8s.io/v1/csinodes': [
      [
        {
          metadata: { name: 'n' },
          spec: {
            drivers: [
              { name: '', nodeID: '', topologyKeys: ['a b', ''] },
              { name: 'd', nodeID: 'x', allocatable: { count: -1 } },
              { name: 'd', nodeID: 'x' },
            ],
          },
        },
        [
          'spec.drivers[0].name: Required value',
          'spec.drivers[0].nodeID: Required value',
          'spec.drivers[0]: Invalid value: "a b": name part',
          'spec.drivers[0]: Required value',
          'spec.drivers[0]: Invalid value: "": name part must be non-empty',
          'spec.drivers[0]: Invalid value: "": name part',
          'spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
          'spec.drivers[2].name: Duplicate value: "d"',
        ],
      ],
    ],
    '/apis/storage.k8s.io/v1/volumeattachments': [
      [
        { metadata: { name: 'v' }, spec: {} },
        [
          'spec.attacher: Required value',
          'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
          'spec.nodeName: Invalid value: "": a lowercase RFC 1123 subdomain',
        ],
      ],
      [
        { metadata: { name: 'v' }, spec: { attacher: 'D_', nodeName: '', source: {} } },
        [
          'spec.attacher: Invalid value: "D_": a lowercase RFC 1123 subdomain',
          'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
          'spec.nodeName: Invalid value: "": a lowercase RFC 1123 subdomain',
        ],
      ],
    ],
    '/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities': [
      [{}, ['storageClassName: Invalid value: "": a lowercase RFC 1123 subdomain']],
      [
        { storageClassName: 'A_', capacity: '-1', maximumVolumeSize: '-5' },
        [
          'storageClassName: Invalid value: "A_": a lowercase RFC 1123 subdomain',
          'capacity: Invalid value: "-1": must be greater than or equal to 0',
        ],
      ],
    ],
    '/apis/storage.k8s.io/v1/volumeattributesclasses': [
      [
        {},
        [
          'driverName: Required value',
          'parameters: Required value: must contain at least one key/value pair',
        ],
      ],
      [{ driverName: 'd.io' }, ['parameters: Required value: must contain at least one key/value pair']],
      [{ driverName: 'D_', parameters: { a: 'b' } }, ['driverName: Invalid value: "d_": name part']],
    ],
  }))
