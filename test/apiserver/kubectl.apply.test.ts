import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { configMap } from './client.ts'
import { describeKubectl, itSays } from './kubectl.ts'

const container = (more: object): object => ({ name: 'c', image: 'nginx:1', ...more })

const deployment = (replicas: number, spec: object, labels: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web', ...labels } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec },
  },
})

const first = deployment(2, {
  tolerations: [{ key: 'a', operator: 'Exists' }],
  volumes: [
    { name: 'v', emptyDir: {} },
    { name: 'x', configMap: { name: 'x' } },
  ],
  containers: [
    container({
      ports: [{ containerPort: 80, name: 'http' }, { containerPort: 443 }],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    }),
    { name: 'side', image: 'busybox' },
  ],
})

const second = deployment(
  3,
  {
    volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }],
    containers: [
      container({
        image: 'nginx:2',
        ports: [{ containerPort: 80, name: 'web' }],
        env: [
          { name: 'B', value: '3' },
          { name: 'C', value: '4' },
        ],
        volumeMounts: [{ name: 'v', mountPath: '/w' }],
      }),
    ],
  },
  { more: 'x' },
)

/** What is left of the lists, each in the order of a real server. */
const LISTS =
  '{.spec.replicas} {.spec.template.spec.containers[*].name} {.spec.template.spec.containers[0].env[*].name} {.spec.template.spec.containers[0].ports[*].name} {.spec.template.spec.volumes} {.spec.template.spec.tolerations} {.spec.template.spec.containers[0].volumeMounts[*].mountPath}'

describeKubectl('R23: kubectl applies', (binary) => {
  itSays(
    binary,
    'on the client: three ways for lists, with what others have set kept',
    async ({ says, file, run }) => {
      const [one, two] = [file(first), file(second)]
      await says(`apply -f ${one} --dry-run=client`, 'deployment.apps/web created (dry run)')
      await says(`apply -f ${one} --dry-run=server`, 'deployment.apps/web created (server dry run)')
      await says(`apply -f ${one}`, 'deployment.apps/web created')
      await says(`apply -f ${one}`, 'deployment.apps/web unchanged')
      await says('set env deployment/web EXTRA=1', 'deployment.apps/web env updated')
      await run('label deployment web kept=yes')
      await says(`apply -f ${two} --dry-run=server`, 'deployment.apps/web configured (server dry run)')
      await says(`apply -f ${two}`, 'deployment.apps/web configured')
      await says(
        `get deployment web -o 'jsonpath=${LISTS}'`,
        '3 c B EXTRA C web [{"emptyDir":{"medium":"Memory"},"name":"v"}] /w',
      )
      await says('get deployment web -o jsonpath={.metadata.labels}', '{"app":"web","kept":"yes","more":"x"}')
      await says(
        'apply view-last-applied deployment/web',
        /^apiVersion: apps\/v1\nkind: Deployment\n[\s\S]* more: x\n/,
      )
      await says(`apply set-last-applied -f ${one}`, 'deployment.apps/web configured')
      await run('create configmap plain')
      await says(
        `apply -f ${file(configMap('plain', { a: '1' }))}`,
        /Warning: resource configmaps\/plain is missing the kubectl.kubernetes.io\/last-applied-configuration annotation[\s\S]*configmap\/plain configured|configmap\/plain configured[\s\S]*missing the kubectl/,
      )
    },
  )

  itSays(binary, 'on the server: fields have owners', async ({ says, file, run }) => {
    const path = file(configMap('c', { a: '1', b: '1' }))
    await says(`apply --server-side -f ${path}`, 'configmap/c serverside-applied')
    const other = file(configMap('c', { a: '2' }))
    await says(
      `apply --server-side --field-manager=other -f ${other}`,
      /^error: Apply failed with 1 conflict: conflict with "kubectl": \.data\.a\n/,
    )
    await says(
      `apply --server-side --field-manager=other --force-conflicts -f ${other}`,
      'configmap/c serverside-applied',
    )
    await says('get configmap c -o jsonpath={.data}', '{"a":"2","b":"1"}')
    await says(`apply --server-side -f ${path}`, /conflict with "other": \.data\.a/)
    await says(
      `apply --server-side -f ${file(configMap('c', {}))} --dry-run=server`,
      'configmap/c serverside-applied (server dry run)',
    )
    await says(`apply --server-side -f ${file(configMap('c', {}))}`, 'configmap/c serverside-applied')
    await says('get configmap c -o jsonpath={.data}', '{"a":"2"}')
    await run(`create -f ${file(configMap('d', { a: '1' }))}`)
    await says(
      `apply --server-side -f ${file(configMap('d', { a: '2' }))}`,
      /conflict with "kubectl-create"( using v1)?: \.data\.a/,
    )
  })

  itSays(binary, 'what it is given only once it is valid', async ({ says, file, minor }) => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', imag: 'x' }] },
    }
    const path = file(pod)
    await says(`apply -f ${path}`, /unknown field "(spec\.containers\[0\]\.)?imag"/)
    await says(
      `apply -f ${path} --validate=false`,
      /The Pod "p" is invalid: spec.containers\[0\].image: Required value/,
    )
    await says(
      `apply --server-side -f ${path}`,
      /field not declared in schema|unknown field "spec\.containers\[0\]\.imag"/,
    )
    if (minor < 27) return
    const extra = file({ ...configMap('c'), extra: 1 })
    await says(
      `apply -f ${extra} --validate=warn`,
      /Warning: unknown field "extra"[\s\S]*configmap\/c created|configmap\/c created[\s\S]*unknown field "extra"/,
    )
    await says(`apply -f ${extra} --validate=ignore`, 'configmap/c configured')
  })

  itSays(binary, 'folders, kustomizations and sets that it prunes', async ({ says, file, folder }) => {
    const label = { labels: { set: 'a' } }
    const list = (...items: object[]): string => file(items.map((item) => JSON.stringify(item)).join('\n'))
    await says(
      `apply -f ${list(configMap('m1', {}, label), configMap('m2', {}, label))}`,
      'configmap/m1 created\nconfigmap/m2 created',
    )
    await says(
      `apply -f ${list(configMap('m1', {}, label))} --prune -l set=a --prune-whitelist=core/v1/ConfigMap`,
      /configmap\/m1 (unchanged|created|configured)\n[\s\S]*configmap\/m2 pruned|unknown flag: --prune-whitelist/,
    )
    mkdirSync(join(folder, 'kust'))
    file({ namePrefix: 'pre-', resources: ['cm.yaml'] }, 'kust/kustomization.yaml')
    file(configMap('k'), 'kust/cm.yaml')
    await says('apply -k kust', 'configmap/pre-k created')
    await says('get -k kust -o name', 'configmap/pre-k')
    await says('delete -k kust', /^configmap "pre-k" deleted/)
  })

  itSays(binary, 'and shows first what would change', async ({ says, file, run }) => {
    const path = file(configMap('c', { a: '1' }))
    const env = { KUBECTL_EXTERNAL_DIFF: 'diff -u' }
    await says(`diff -f ${path}`, /^diff -u [\s\S]*\n\+ a: "1"\n/, env)
    await run(`apply -f ${path}`)
    await says(`diff -f ${path}`, '', env)
    await says(`diff -f ${file(configMap('c', { a: '2' }))}`, /\n- a: "1"\n\+ a: "2"\n/, env)
    await run(`apply --server-side --force-conflicts -f ${path}`)
    await says(`diff --server-side -f ${file(configMap('c', { a: '3' }))}`, /\n- a: "1"\n\+ a: "3"\n/, env)
  })

  itSays(binary, 'replaces, by force too', async ({ says, file, api }) => {
    await says(
      `replace -f ${file(configMap('c'))}`,
      /Error from server \(NotFound\): error when replacing .*configmaps "c" not found/,
    )
    await says(`create -f ${file(configMap('c', { a: '1' }))}`, 'configmap/c created')
    await says(`replace -f ${file(configMap('c', { b: '1' }))}`, 'configmap/c replaced')
    await says('get configmap c -o jsonpath={.data}', '{"b":"1"}')
    const before = (await api.get('/api/v1/namespaces/default/configmaps/c')).body.metadata.uid
    await says(
      `replace --force -f ${file(configMap('c', { c: '1' }))}`,
      /^configmap "c" deleted.*\nconfigmap\/c replaced$/,
    )
    const after = (await api.get('/api/v1/namespaces/default/configmaps/c')).body.metadata.uid
    if (before === after) throw new Error('it is the same object')
  })
})
