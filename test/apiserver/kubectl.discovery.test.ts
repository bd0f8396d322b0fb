import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { widgetDefinition } from './client.ts'
import { skip, startKubectl } from './kubectl.ts'

/** Lines with one space between their words. */
const linesOf = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())

describe('kubectl asks the embedded API server what there is', { skip }, () => {
  it('R23: api-resources lists kinds with short names, verbs and categories', async (t) => {
    const { kubectl, file } = await startKubectl(t)
    await kubectl('apply', '-f', file(widgetDefinition))
    await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com')
    const lines = linesOf(await kubectl('api-resources', '-o', 'wide'))
    for (const line of [
      'NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES',
      'bindings v1 true Binding create',
      'componentstatuses cs v1 false ComponentStatus get,list',
      'pods po v1 true Pod create,delete,deletecollection,get,list,patch,update,watch all',
      'poddisruptionbudgets pdb policy/v1 true PodDisruptionBudget create,delete,deletecollection,get,list,patch,update,watch',
      'storageclasses sc storage.k8s.io/v1 false StorageClass create,delete,deletecollection,get,list,patch,update,watch',
      'widgets example.com/v1 true Widget delete,deletecollection,get,list,patch,create,update,watch',
    ])
      assert.ok(lines.includes(line), line)
    const all = linesOf(await kubectl('api-resources', '--categories=all', '-o', 'name'))
    assert.ok(all.includes('horizontalpodautoscalers.autoscaling') && !all.includes('configmaps'))
    const group = linesOf(await kubectl('api-resources', '--api-group=example.com', '-o', 'name'))
    assert.deepEqual(group, ['widgets.example.com'])
  })

  it('api-versions lists groups and versions', async (t) => {
    const { kubectl } = await startKubectl(t)
    const lines = linesOf(await kubectl('api-versions'))
    for (const version of [
      'v1',
      'apps/v1',
      'autoscaling/v1',
      'autoscaling/v2',
      'policy/v1',
      'storage.k8s.io/v1',
    ])
      assert.ok(lines.includes(version), version)
  })

  it('explain shows fields, of any depth, version and document', async (t) => {
    const { kubectl } = await startKubectl(t)
    const spec = await kubectl('explain', 'deployment.spec')
    assert.match(spec, /^GROUP:\s+apps\nKIND:\s+Deployment\nVERSION:\s+v1\n/)
    assert.match(spec, /FIELD: spec <DeploymentSpec>/)
    assert.match(spec, /selector\s+<LabelSelector> -required-/)
    const all = await kubectl('explain', 'pod', '--recursive')
    assert.match(all, /\n {6}livenessProbe\s+<Probe>\n {8}exec\s+<ExecAction>\n {10}command\s+<\[\]string>/)
    assert.match(all, /restartPolicy\s+<string>\n\s+enum: Always, Never, OnFailure/)
    const scaler = (version: string) =>
      kubectl('explain', 'hpa.spec', '--api-version', `autoscaling/${version}`)
    assert.match(await scaler('v1'), /targetCPUUtilizationPercentage\s+<integer>/)
    assert.match(await scaler('v2'), /metrics\s+<\[\]MetricSpec>/)
    const old = await kubectl('explain', 'pdb.spec', '--output', 'plaintext-openapiv2')
    assert.match(old, /KIND:\s+PodDisruptionBudget\nVERSION:\s+policy\/v1/)
    assert.match(old, /minAvailable\s+<string>/)
    assert.match(await kubectl('explain', 'pod.spec.nothing'), /field "nothing" does not exist/)
  })

  it('explain shows what a definition says of its fields', async (t) => {
    const { kubectl, file } = await startKubectl(t)
    await kubectl('apply', '-f', file(widgetDefinition))
    await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com')
    for (const output of ['plaintext', 'plaintext-openapiv2']) {
      const text = await kubectl('explain', 'widget', '--recursive', '--output', output)
      assert.match(text, /spec\s+<Object>|spec\s+<>/i)
      assert.match(text, /size\s+<integer>/)
    }
  })

  it('drain evicts pods as their budgets allow', async (t) => {
    const { api, kubectl } = await startKubectl(t)
    await api.post('/api/v1/nodes', { metadata: { name: 'n' } })
    const containers = [{ name: 'c', image: 'i' }]
    const spec = { nodeName: 'n', containers, terminationGracePeriodSeconds: 0 }
    const pods = '/api/v1/namespaces/default/pods'
    await api.post(pods, { metadata: { name: 'p' }, spec })
    const drain = await kubectl('drain', 'n', '--force', '--timeout=15s')
    assert.match(drain, /evicting pod default\/p/)
    assert.match(drain, /node\/n drained/)
    assert.equal((await api.get(`${pods}/p`)).status, 404)
  })
})
