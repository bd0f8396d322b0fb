/** What tests of the ingress as plain data share: an operator that selects in every way, and what became of a body. */
import assert from 'node:assert/strict'
import { accept, type Acceptance } from '../lib/ingress.ts'
import {
  ConfigMap,
  Deployment,
  defineController,
  defineOperator,
  Namespace,
  Secret,
  watch,
} from '../lib/index.ts'
import { Site, sites } from './site.ts'

export const operator = defineOperator('sites', [
  sites({ owns: [ConfigMap], watches: [watch(Secret, { map: () => [] })] }),
  defineController(Deployment, { name: 'two', namespaces: ['a', 'b'], reconcile() {} }),
  defineController(Namespace, { name: 'spaces', reconcile() {} }),
  defineController(Site, { name: 'one', fields: 'metadata.name=docs', reconcile() {} }),
  defineController(Site, { name: 'unknowable', namespaces: { labels: 'team=a' }, reconcile() {} }),
  defineController(Site, {
    name: 'rest',
    fields: 'metadata.namespace!=default',
    owns: [Deployment],
    reconcile() {},
  }),
  defineController(Site, { name: 'ready', fields: 'status.phase=Ready', reconcile() {} }),
])

export const json = (body: unknown) => accept(body, 'json', operator, 'east')
export const event = (body: unknown) => accept(body, 'cloudevent', operator, 'east')

export function accepted(acceptance: Acceptance) {
  assert.equal(acceptance.type, 'accepted', JSON.stringify(acceptance))
  return acceptance
}
export const keys = (acceptance: Acceptance) =>
  accepted(acceptance).messages.map(({ controller, related, namespace, name }) =>
    [controller, related, namespace, name].filter((part) => part !== undefined).join(' '),
  )
export const ignored = (acceptance: Acceptance) => accepted(acceptance).ignored

export function refused(acceptance: Acceptance) {
  assert.equal(acceptance.type, 'refused')
  return acceptance
}

export const siteRef = {
  apiVersion: 'test.fairlead.dev/v1',
  kind: 'Site',
  namespace: 'default',
  name: 'docs',
}
