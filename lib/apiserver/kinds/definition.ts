/**
 * CustomResourceDefinition itself, as a kind.
 */

import type { JsonObject, ResourceType } from '../resource.ts'
import { isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { dropUnknownKeywords } from '../crd/keywords.ts'
import { tidySchema } from '../crd/tidy.ts'
import { definitionProblems } from '../crd/validate.ts'
import { definitionWarnings } from '../crd/warnings.ts'
import { always, alwaysListOf, anything, byDefault, keyed, listOf, needed, struct } from './dsl.ts'
import { defineKind, specChanged } from './kind.ts'
import { webhookClientConfig } from './client.ts'

const names = struct('CustomResourceDefinitionNames', {
  plural: 'string!',
  singular: 'string',
  shortNames: 'string[]',
  kind: 'string!',
  listKind: 'string',
  categories: 'string[]',
})

const printerColumn = struct('CustomResourceColumnDefinition', {
  name: 'string!',
  type: 'string!',
  format: 'string',
  description: 'string',
  priority: 'int32',
  jsonPath: 'string!',
})

const version = struct('CustomResourceDefinitionVersion', {
  name: 'string!',
  served: 'bool!',
  storage: 'bool!',
  deprecated: 'bool',
  deprecationWarning: 'string?',
  schema: struct('CustomResourceValidation', {
    // Kept as given: what a structural schema may hold is checked with better words than those of a decoder.
    openAPIV3Schema: anything('JSONSchemaProps'),
  }),
  subresources: struct('CustomResourceSubresources', {
    status: struct('CustomResourceSubresourceStatus', {}),
    scale: struct('CustomResourceSubresourceScale', {
      specReplicasPath: 'string!',
      statusReplicasPath: 'string!',
      labelSelectorPath: 'string?',
    }),
  }),
  additionalPrinterColumns: listOf(printerColumn),
  selectableFields: listOf(struct('SelectableField', { jsonPath: 'string!' })),
})

const spec = struct('CustomResourceDefinitionSpec', {
  group: 'string!',
  names: needed(always(names)),
  scope: 'string!',
  versions: alwaysListOf(version),
  conversion: byDefault(
    struct('CustomResourceConversion', {
      strategy: 'string!',
      webhook: struct('WebhookConversion', {
        clientConfig: webhookClientConfig,
        conversionReviewVersions: alwaysListOf('string'),
      }),
    }),
    { strategy: 'None' },
  ),
  preserveUnknownFields: 'bool',
})

const status = struct('CustomResourceDefinitionStatus', {
  conditions: {
    ...keyed(
      struct('CustomResourceDefinitionCondition', {
        type: 'string!',
        status: 'string!',
        lastTransitionTime: 'time?',
        reason: 'string',
        message: 'string',
        observedGeneration: 'int64',
      }),
      ['type'],
      null,
    ),
    'x-go-omit': 'null',
    'x-go-zero': null,
    'x-go-required': false,
  },
  acceptedNames: always(names),
  storedVersions: needed(alwaysListOf('string'), false),
  observedGeneration: 'int64',
})

const setDefaults = (object: JsonObject): void => {
  const names = objectAt(object, 'spec', 'names')
  const kind = stringAt(names, 'kind')
  if (kind !== '') names.singular ??= kind.toLowerCase()
  if (kind !== '') names.listKind ??= `${kind}List`
  for (const version of listAt(object, 'spec', 'versions'))
    tidySchema(objectAt(version, 'schema', 'openAPIV3Schema'))
  const { status } = object
  if (isObject(status) && listAt(status, 'storedVersions').length === 0) {
    const name = storageVersionOf(object)
    if (name !== '') status.storedVersions = [name]
  }
  const client = objectAt(object, 'spec', 'conversion', 'webhook', 'clientConfig')
  const service = client.service
  if (isObject(service)) service.port ??= 443
}

const storageVersionOf = (object: JsonObject): string =>
  stringAt(
    listAt(object, 'spec', 'versions').find((one) => objectAt(one).storage === true),
    'name',
  )

/** On create nothing of the status is taken from the client; the storage version is stored. */
const prepare = (object: JsonObject, before: JsonObject | undefined): void => {
  const name = storageVersionOf(object)
  if (!before) {
    object.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: name === '' ? null : [name],
    }
    return
  }
  const stored = listAt(object, 'status', 'storedVersions')
  if (name !== '' && !stored.includes(name)) objectAt(object, 'status').storedVersions = [...stored, name]
}

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const definitionType: ResourceType = defineKind({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  storageVersion: 'apiextensions.k8s.io/v1beta1',
  hasStatus: true,
  bumpsGeneration: specChanged,
  fields: { spec: needed(always(spec)), status: always(status) },
  defaults: setDefaults,
  prepare,
  dropUnknown: dropUnknownKeywords,
  validate: definitionProblems,
  warnings: definitionWarnings,
})
