import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { widget, widgetDefinition } from './client.ts'
import { skip, startKubectl } from './kubectl.ts'

describe('kubectl against the embedded API server', { skip }, () => {
  it('R23: defines a kind, waits for it, applies, explains and shows an object of it', async (t) => {
    const { kubectl, file } = await startKubectl(t)
    assert.match(await kubectl('apply', '-f', file(widgetDefinition)), /created/)
    assert.match(
      await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com'),
      /condition met/,
    )
    const object = file(widget('w', { size: 5 }))
    assert.match(await kubectl('apply', '-f', object), /widget.example.com\/w created/)
    assert.match(await kubectl('apply', '-f', object), /widget.example.com\/w unchanged/)
    assert.match(await kubectl('apply', '--server-side', '-f', object), /serverside-applied/)
    assert.match(await kubectl('get', 'widgets'), /^NAME\s+AGE\nw\s+\d+s\n$/)
    assert.match(await kubectl('explain', 'widget.spec'), /size\s+<integer>/)
    assert.match(await kubectl('describe', 'widget', 'w'), /Size:\s+5/)
    assert.match(await kubectl('apply', '-f', file(widget('w', { sise: 5 }))), /unknown field "spec.sise"/)
    assert.match(await kubectl('delete', 'widget', 'w'), /deleted/)
  })

  it('creates, labels, patches, scales and deletes built-in objects', async (t) => {
    const { kubectl } = await startKubectl(t)
    assert.match(await kubectl('create', 'namespace', 'n'), /namespace\/n created/)
    assert.match(
      await kubectl('-n', 'n', 'create', 'configmap', 'c', '--from-literal=a=b'),
      /configmap\/c created/,
    )
    assert.match(await kubectl('-n', 'n', 'label', 'configmap', 'c', 'k=v'), /labeled/)
    assert.match(await kubectl('-n', 'n', 'patch', 'configmap', 'c', '-p', '{"data":{"x":"y"}}'), /patched/)
    assert.equal(await kubectl('-n', 'n', 'get', 'cm', '-l', 'k=v', '-o', 'jsonpath={.items[*].data.x}'), 'y')
    await kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=2')
    assert.match(await kubectl('scale', 'deployment', 'web', '--replicas=4'), /scaled/)
    assert.match(await kubectl('get', 'deployments'), /web\s+0\/4/)
    assert.match(await kubectl('delete', 'namespace', 'n'), /deleted/)
    assert.match(await kubectl('get', 'namespace', 'n'), /not found/)
    assert.match(await kubectl('api-resources', '--api-group=apps'), /deployments\s+deploy\s+apps\/v1\s+true/)
  })
})
