import { widget, widgetDefinition } from './client.ts'
import { describeKubectl, itSays, type Kubectl } from './kubectl.ts'

const [version] = widgetDefinition.spec.versions
const definition = {
  ...widgetDefinition,
  spec: {
    ...widgetDefinition.spec,
    names: { ...widgetDefinition.spec.names, shortNames: ['wd'], categories: ['all'] },
    versions: [
      {
        ...version,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A widget.',
            properties: {
              spec: {
                type: 'object',
                description: 'What is wanted.',
                properties: {
                  size: { type: 'integer', minimum: 1, default: 3, description: 'How big.' },
                  color: { type: 'string' },
                  replicas: { type: 'integer' },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

async function define({ says, file, run }: Kubectl): Promise<void> {
  await says(
    `apply -f ${file(definition)}`,
    'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created',
  )
  await says(
    'wait --for=condition=Established crd/widgets.example.com',
    'customresourcedefinition.apiextensions.k8s.io/widgets.example.com condition met',
  )
  await run(`apply -f ${file(widget('w', { size: 5, color: 'red', replicas: 1 }))}`)
}

describeKubectl('R23: kubectl and custom resources', (binary) => {
  itSays(binary, 'defines a kind, waits for it, and shows its objects', async (kubectl) => {
    const { says, file } = kubectl
    await define(kubectl)
    await says('get crd', 'NAME CREATED AT\nwidgets.example.com TIME')
    await says('get widgets', 'NAME SIZE\nw 5')
    await says('get wd -o wide', 'NAME SIZE COLOR\nw 5 red')
    await says('get all', /^NAME SIZE\nwidget.example.com\/w 5$/)
    await says('get widgets.v1.example.com w -o jsonpath={.spec}', '{"color":"red","replicas":1,"size":5}')
    await says(
      `apply -f ${file(widget('w', { size: 5, color: 'red', replicas: 1 }))}`,
      'widget.example.com/w unchanged',
    )
    await says(
      'describe widget w',
      /^Name: w\nNamespace: default\nLabels: <none>\nAnnotations: <none>\nAPI Version: example.com\/v1\nKind: Widget\n[\s\S]*Spec:\n Color: red\n Replicas: 1\n Size: 5\nEvents: <none>$/,
    )
    await says(
      'api-resources --api-group=example.com',
      'NAME SHORTNAMES APIVERSION NAMESPACED KIND\nwidgets wd example.com/v1 true Widget',
    )
    await says('delete widget w', /^widget.example.com "w" deleted/)
    await says(
      'delete crd widgets.example.com',
      /^customresourcedefinition.apiextensions.k8s.io "widgets.example.com" deleted/,
    )
    await says(
      'get widgets',
      /the server doesn't have a resource type "widgets"|could not find the requested resource/,
    )
  })

  itSays(binary, 'explains a kind from its schema', async (kubectl) => {
    const { says, minor } = kubectl
    await define(kubectl)
    await says(
      'explain widget',
      /KIND: Widget\nVERSION: example.com\/v1\n|GROUP: example.com\nKIND: Widget\nVERSION: v1\n/,
    )
    await says('explain widget', /DESCRIPTION:\n A widget\./)
    await says(
      'explain widget.spec.size',
      minor < 27 ? /FIELD: size <integer>/ : /FIELD: size <integer>\n+DESCRIPTION:\n How big\./,
    )
    await says(
      'explain widget.spec --recursive',
      /color <string>\n(.*\n)*? replicas <integer>\n(.*\n)*? size <integer>/,
    )
    await says('explain widget.spec.nope', /field "nope" does not exist/)
  })

  itSays(binary, 'patches, scales and validates them', async (kubectl) => {
    const { says, file } = kubectl
    await define(kubectl)
    await says(`patch widget w --type=merge -p '{"spec":{"size":4}}'`, 'widget.example.com/w patched')
    await says(
      `patch widget w --type=merge -p '{"spec":{"size":4}}'`,
      'widget.example.com/w patched (no change)',
    )
    await says(
      `patch widget w --type=json -p '[{"op":"add","path":"/spec/color","value":"blue"}]'`,
      'widget.example.com/w patched',
    )
    await says(
      `patch widget w --type=merge -p '{"spec":{"size":0}}'`,
      'The Widget "w" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    )
    await says(
      `patch widget w -p '{"spec":{"size":4}}'`,
      /^error: application\/strategic-merge-patch\+json is not supported by example.com\/v1, Kind=Widget|Error from server \(UnsupportedMediaType\)/,
    )
    await says('scale widget w --replicas=3', 'widget.example.com/w scaled')
    await says('get widget w -o jsonpath={.spec.replicas}', '3')
    await says(`apply -f ${file(widget('x', { sise: 5 }))}`, /unknown field "spec.sise"/)
  })

  itSays(
    binary,
    'reads and writes their subresources',
    async (kubectl) => {
      const { says } = kubectl
      await define(kubectl)
      await says('get widget w --subresource=scale', 'NAME DESIRED AVAILABLE AGE\nw 1 0 AGE')
      await says(
        `patch widget w --subresource=status --type=merge -p '{"status":{"phase":"Ready","replicas":1}}'`,
        'widget.example.com/w patched',
      )
      await says('get widget w --subresource=status -o jsonpath={.status}', '{"phase":"Ready","replicas":1}')
      await says('get widget w --subresource=scale', 'NAME DESIRED AVAILABLE AGE\nw 1 1 AGE')
      await says(
        "wait widget w --for=jsonpath='{.status.phase}'=Ready --timeout=5s",
        'widget.example.com/w condition met',
      )
    },
    { since: 24 },
  )
})
