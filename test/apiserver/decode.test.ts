/** Values of the wrong type in bodies: the words of encoding/json, with Go's names; and what is read although it looks odd. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startServer } from './client.ts'

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments?dryRun=All'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps?dryRun=All'
const PREFIX = 'Deployment in version "v1" cannot be handled as a Deployment: '
const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const deployment = (pod: object, container: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'main', image: 'i', ...container }], ...pod },
    },
  },
})

const at = (given: string, struct: string, path: string, type: string) =>
  `json: cannot unmarshal ${given} into Go struct field ${struct}.spec.template.spec.${path} of type ${type}`

const refused: [pod: object, container: object, problem: string][] = [
  [{ restartPolicy: 5 }, {}, at('number', 'PodSpec', 'restartPolicy', 'v1.RestartPolicy')],
  [
    { tolerations: [{ operator: {} }] },
    {},
    at('object', 'Toleration', 'tolerations.operator', 'v1.TolerationOperator'),
  ],
  [{ overhead: 'x' }, {}, at('string', 'PodSpec', 'overhead', 'v1.ResourceList')],
  [{ overhead: { cpu: {} } }, {}, QUANTITY],
  [
    { volumes: [{ name: 'v', emptyDir: 'x' }] },
    {},
    at('string', 'Volume', 'volumes.VolumeSource.emptyDir', 'v1.EmptyDirVolumeSource'),
  ],
  [{}, { resources: { limits: { cpu: 'much' } } }, QUANTITY],
  [
    {},
    { livenessProbe: { httpGet: { port: {} } } },
    at('object', 'HTTPGetAction', 'containers.livenessProbe.ProbeHandler.httpGet.port', 'int32'),
  ],
  [
    {},
    { livenessProbe: { httpGet: { port: 1.5 } } },
    at('number 1.5', 'HTTPGetAction', 'containers.livenessProbe.ProbeHandler.httpGet.port', 'int32'),
  ],
  [
    {},
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 5 } } }] },
    at(
      'number',
      'ConfigMapKeySelector',
      'containers.env.valueFrom.configMapKeyRef.LocalObjectReference.name',
      'string',
    ),
  ],
]

describe('the body of a built-in kind', () => {
  it('with values of the wrong type is refused by the Go type that they should be', async (t) => {
    const { post } = await startServer(t)
    for (const [pod, container, problem] of refused) {
      const { status, body } = await post(DEPLOYMENTS, deployment(pod, container))
      assert.deepEqual([status, body.message], [400, PREFIX + problem])
    }
  })

  it('has empty things where a list or a map holds nulls', async (t) => {
    const { post } = await startServer(t)
    const { body } = await post(
      DEPLOYMENTS,
      deployment({}, { args: [null], resources: { limits: { cpu: null } } }),
    )
    const [container] = (body.spec.template as { spec: { containers: object[] } }).spec.containers
    const { args, resources } = container as { args: unknown; resources: unknown }
    assert.deepEqual([args, resources], [[''], { limits: { cpu: '0' } }])
    const empty = await post(DEPLOYMENTS, deployment({ containers: [null] }))
    assert.match(empty.body.message, /containers\[0\]\.name: Required value/)
  })

  it('may have bytes as numbers, and base64 with line breaks', async (t) => {
    const { post } = await startServer(t)
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const { body } = await post(CONFIG_MAPS, { ...configMap, binaryData: { a: [1, 2], b: 'YQ==\n' } })
    assert.deepEqual((body as unknown as { binaryData: object }).binaryData, { a: 'AQI=', b: 'YQ==' })
    const wrong = await post(CONFIG_MAPS, { ...configMap, binaryData: { a: [256] } })
    assert.match(wrong.body.message, /number 256 into Go struct field ConfigMap\.binaryData of type uint8$/)
  })
})
