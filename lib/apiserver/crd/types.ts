/**
 * The kinds that a CustomResourceDefinition adds to the server.
 */

import type { Column, JsonObject, ResourceType, Schema } from '../resource.ts'
import { at, isEqual, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { metadata } from '../schema/objectmeta.ts'

/** One type per served version, from the accepted names of a CRD. */
export const typesOfCrd = (crd: JsonObject): ResourceType[] =>
  listAt(crd, 'spec', 'versions')
    .filter(isObject)
    .filter((version) => version['served'] === true)
    .map((version) => typeOf(crd, version))

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

const typeOf = (crd: JsonObject, version: JsonObject): ResourceType => {
  const group = stringAt(crd, 'spec', 'group')
  const names = objectAt(crd, 'status', 'acceptedNames')
  const plural = stringAt(names, 'plural')
  const scale = scaleOf(version)
  return {
    group,
    version: stringAt(version, 'name'),
    kind: stringAt(names, 'kind'),
    listKind: stringAt(names, 'listKind'),
    plural,
    singular: stringAt(names, 'singular'),
    shortNames: listAt(names, 'shortNames').map(String),
    categories: listAt(names, 'categories').map(String),
    namespaced: stringAt(crd, 'spec', 'scope') === 'Namespaced',
    schema: schemaOf(version),
    custom: true,
    storage: `${plural}.${group}`,
    hasStatus: isObject(at(version, 'subresources', 'status')),
    ...(scale ? { scale } : {}),
    bumpsGeneration: contentChanged(isObject(at(version, 'subresources', 'status'))),
    columns: columnsOf(version),
    selectableFields: selectableOf(version),
    verbs,
    nameFormat: 'subdomain',
    allowsUnconditionalUpdate: false,
    allowsCreateOnUpdate: false,
  }
}

const scaleOf = (version: JsonObject): NonNullable<ResourceType['scale']> | undefined => {
  const scale = at(version, 'subresources', 'scale')
  if (!isObject(scale)) return undefined
  const selector = stringAt(scale, 'labelSelectorPath')
  return {
    specReplicasPath: stringAt(scale, 'specReplicasPath'),
    statusReplicasPath: stringAt(scale, 'statusReplicasPath'),
    ...(selector === '' ? {} : { labelSelectorPath: selector }),
  }
}

/** Metadata never counts; status counts only where it is no subresource. */
const contentChanged =
  (hasStatus: boolean) =>
  (before: JsonObject, after: JsonObject): boolean =>
    !isEqual(contentOf(before, hasStatus), contentOf(after, hasStatus))

const contentOf = ({ metadata: _, status, ...content }: JsonObject, hasStatus: boolean): JsonObject =>
  hasStatus || status === undefined ? content : { ...content, status }

/** The schema of a version with what every object has; restrictions of names stay. */
const schemaOf = (version: JsonObject): Schema => {
  const given: Schema = objectAt(version, 'schema', 'openAPIV3Schema')
  const named = given.properties?.['metadata']?.properties
  const properties = { ...metadata.properties }
  for (const name of ['name', 'generateName']) {
    const restriction = named?.[name]
    if (restriction) properties[name] = { ...properties[name], ...restriction }
  }
  return {
    ...given,
    properties: {
      ...given.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { ...metadata, properties },
    },
  }
}

const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  format: '',
  description: '',
  priority: 0,
  value: '.metadata.creationTimestamp',
}

const columnsOf = (version: JsonObject): Column[] => {
  const given = listAt(version, 'additionalPrinterColumns').filter(isObject)
  const name: Column = { name: 'Name', type: 'string', format: 'name', description: '', priority: 0, value: '.metadata.name' }
  if (given.length === 0) return [name, ageColumn]
  return [
    name,
    ...given.map((column) => ({
      name: stringAt(column, 'name'),
      type: stringAt(column, 'type'),
      format: stringAt(column, 'format'),
      description: stringAt(column, 'description'),
      priority: numberAt(column, 'priority') ?? 0,
      value: stringAt(column, 'jsonPath'),
    })),
  ]
}

const selectableOf = (version: JsonObject): ResourceType['selectableFields'] => {
  const paths = listAt(version, 'selectableFields').map((field) => stringAt(field, 'jsonPath').replace(/^\./, ''))
  return Object.fromEntries(paths.map((path) => [path, (object) => textAt(object, path)]))
}

const textAt = (object: JsonObject, path: string): string => {
  const value = at(object, ...path.split('.'))
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
}
