/**
 * Webhook configurations of admissionregistration.k8s.io.
 */

import { byDefault, struct } from './dsl.ts'

/** Where a webhook is called: a URL, or a Service. */
export const webhookClientConfig = struct('WebhookClientConfig', {
  url: 'string?',
  service: struct('ServiceReference', {
    namespace: 'string!',
    name: 'string!',
    path: 'string?',
    port: byDefault('int32?', 443),
  }),
  caBundle: 'bytes',
})
