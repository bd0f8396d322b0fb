/**
 * Turns the description of a built-in kind into what the server serves, filling in what most kinds have in common.
 */

import type { Column, JsonObject, ResourceType, Schema, Subresource, Verb } from '../resource.ts'
import { at, isEqual, stringAt } from '../schema/equal.ts'
import { metadata } from '../schema/objectmeta.ts'
import { columnsOf } from '../printers/builtin.ts'
import { scaleSubresource, statusSubresource } from '../subresource.ts'
import { createdColumns } from './columns.ts'
import { type Field, struct } from './dsl.ts'
import { registryRules } from './registryrules.ts'

/** What a kind says of itself; everything of {@link ResourceType} may be overridden. */
export interface KindDescription extends Partial<Omit<ResourceType, 'schema' | 'columns' | 'kind'>> {
  /** Those besides status and scale. */
  subresources?: Subresource[]
  kind: string
  fields: Readonly<Record<string, Field>>
  /** Where they depend on the version that is served; otherwise they come from `printers/builtin.ts`. */
  columns?: Column[]
}

const allVerbs: Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Generation of kinds that have one: it counts changes of spec. */
export const specChanged = (before: JsonObject, after: JsonObject): boolean =>
  !isEqual(before.spec, after.spec)

/** Generation of the kinds of apps/v1, which count changes of annotations too. */
export const specOrAnnotationsChanged = (before: JsonObject, after: JsonObject): boolean =>
  specChanged(before, after) ||
  !isEqual(at(before, 'metadata', 'annotations'), at(after, 'metadata', 'annotations'))

/** The served type of a description. */
export const defineKind = ({ fields, columns, ...given }: KindDescription): ResourceType => {
  const singular = given.kind.toLowerCase()
  const plural = given.plural ?? `${singular}s`
  const group = given.group ?? ''
  return {
    group,
    version: 'v1',
    listKind: `${given.kind}List`,
    plural,
    singular,
    shortNames: [],
    categories: [],
    namespaced: true,
    custom: false,
    storage: group === '' ? plural : `${plural}.${group}`,
    hasStatus: false,
    selectableFields: {},
    verbs: allVerbs,
    nameFormat: 'subdomain',
    ...registryRules(given.kind),
    ...given,
    subresources: allSubresources(given),
    schema: rootSchema(given.kind, fields),
    columns: columns ?? columnsOf(group, given.kind) ?? createdColumns,
  }
}

const allSubresources = ({ subresources = [], hasStatus, scale }: Partial<ResourceType>): Subresource[] =>
  [
    ...subresources,
    ...(hasStatus === true ? [statusSubresource] : []),
    ...(scale === undefined ? [] : [scaleSubresource]),
  ].sort((one, other) => (one.name < other.name ? -1 : 1))

const rootSchema = (kind: string, fields: Readonly<Record<string, Field>>): Schema =>
  struct(kind, { apiVersion: 'string', kind: 'string', metadata, ...fields })

/** A field selector on a string at a path, `''` where it is absent. */
export const selectable = (...paths: string[]): Record<string, (object: JsonObject) => string> =>
  Object.fromEntries(
    paths.map((path) => [path, (object: JsonObject) => stringAt(object, ...path.split('.'))]),
  )
