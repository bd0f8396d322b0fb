/** What arrives by webhook: a message, a CloudEvent of an ApiServerSource, an audit event. */
import type { Message } from '../lib/index.ts'

/** A message for the site of this name, as an ingress makes it of a notice. */
export const wakeMessage = (name: string): Message => ({
  version: 1,
  cluster: 'east',
  controller: 'site',
  namespace: 'default',
  name,
  causes: ['changed'],
  lane: 'change',
  attempt: 0,
})

/** Knative 1.x, structured. `type` is what follows `dev.knative.apiserver.` */
export const knative = (type: string, data: unknown) => ({
  specversion: '1.0',
  id: '73be9839-824e-43ea-9531-4a8d0ac9324c',
  source: 'https://10.96.0.1:443',
  type: `dev.knative.apiserver.${type}`,
  subject: '/apis/test.fairlead.dev/v1/namespaces/default/sites/docs',
  datacontenttype: 'application/json',
  data,
})

/** An event of the level Metadata. */
export const auditEvent = (verb: string, objectRef: object) => ({
  level: 'Metadata',
  auditID: '5e2a3a6c-6a35-4b1b-9a3c-0d5a5f1f6a10',
  stage: 'ResponseComplete',
  requestURI: '/apis/test.fairlead.dev/v1/namespaces/default/sites/home',
  verb,
  user: { username: 'ann', groups: ['people'] },
  objectRef,
  responseStatus: { metadata: {}, code: 200 },
})

export const eventList = (...items: unknown[]) => ({
  kind: 'EventList',
  apiVersion: 'audit.k8s.io/v1',
  metadata: {},
  items,
})
