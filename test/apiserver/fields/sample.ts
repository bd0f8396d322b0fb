/** Types and shorthands for the tests of field ownership: a ConfigMap, a custom kind with every kind of list, Deployments. */
import assert from 'node:assert/strict'
import { ApplyConflict, applyPatch } from '../../../lib/apiserver/fields/apply.ts'
import { trackUpdate } from '../../../lib/apiserver/fields/managed.ts'
import type { MergedType } from '../../../lib/apiserver/fields/shape.ts'
import { builtinTypes } from '../../../lib/apiserver/kinds/builtin.ts'
import type { Json, JsonObject, Schema } from '../../../lib/apiserver/resource.ts'

const text: Schema = { type: 'string' }
const texts: Schema = { type: 'object', additionalProperties: text }

export const configMap: MergedType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  custom: false,
  hasStatus: false,
  schema: { type: 'object', properties: { data: texts, immutable: { type: 'boolean' } } },
}

const spec: Schema = {
  type: 'object',
  properties: {
    scalar: text,
    replicas: { type: 'integer' },
    port: { 'x-kubernetes-int-or-string': true },
    granular: {
      type: 'object',
      properties: { a: text, b: text, deep: { type: 'object', properties: { c: text, d: text } } },
    },
    atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, b: text } },
    labels: texts,
    nested: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { v: text, w: text } },
    },
    list: { type: 'array', items: text },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: text, value: text, more: { type: 'object', properties: { x: text } } },
      },
    },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' }, name: text },
      },
    },
    nullable: { type: 'string', nullable: true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true },
  },
}

/** A custom kind with a status subresource. */
export const widget: MergedType = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  custom: true,
  hasStatus: true,
  schema: {
    type: 'object',
    properties: {
      spec,
      status: {
        type: 'object',
        properties: {
          phase: text,
          conditions: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: { type: 'object', required: ['type'], properties: { type: text, status: text } },
          },
        },
      },
    },
  },
}

/** The server's own Deployment. */
export function deployment(): MergedType {
  const type = builtinTypes().find(({ kind }) => kind === 'Deployment')
  if (type === undefined) throw new Error('there is no built-in Deployment')
  return type
}

/** The time of the `second`th second of the tests. */
export const at = (second: number): string =>
  new Date(1_700_000_000_000 + second * 1000).toISOString().replace('.000Z', 'Z')

/** An object that is written again and again; every write is a second later than the one before. */
export interface Story {
  object(): JsonObject
  apply(manager: string, patch: JsonObject, options?: { force?: boolean; subresource?: string }): JsonObject
  update(manager: string, change: (object: JsonObject) => void, subresource?: string): JsonObject
  /** Who owns what, as `manager/operation[/subresource]` to FieldsV1. */
  owners(): Record<string, Json>
  times(): Record<string, Json>
}

/** Starts with no object: the first write creates it. */
export function story(type: MergedType): Story {
  let live: JsonObject | undefined
  let second = 0
  const identity = {
    apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
    kind: type.kind,
  }
  const keep = (object: JsonObject) => {
    live = { ...object, metadata: { ...(object.metadata as JsonObject), uid: 'u-1' } }
    return live
  }
  const entries = () => entriesOf(live ?? {})
  return {
    object: () => live ?? {},
    apply(manager, patch, { force = false, subresource } = {}) {
      second++
      const whole = {
        ...identity,
        ...patch,
        metadata: { name: 'a', ...(patch.metadata as JsonObject | undefined) },
      }
      return keep(
        applyPatch({ live, patch: whole, type, manager, force, subresource, now: at(second) }).object,
      )
    },
    update(manager, change, subresource) {
      second++
      const after = structuredClone(live ?? { ...identity, metadata: { name: 'a' } })
      change(after)
      return keep(trackUpdate({ before: live, after, type, manager, subresource, now: at(second) }))
    },
    owners: () => Object.fromEntries(entries().map((entry) => [nameOf(entry), entry.fieldsV1 ?? null])),
    times: () => Object.fromEntries(entries().map((entry) => [nameOf(entry), entry.time ?? null])),
  }
}

export const entriesOf = (object: JsonObject): JsonObject[] =>
  (((object.metadata as JsonObject | undefined)?.managedFields as Json[] | undefined) ?? []) as JsonObject[]

const nameOf = (entry: JsonObject): string =>
  [entry.manager, entry.operation, entry.subresource].filter((part) => part !== undefined).join('/')

/** `{ 'f:a': {}, 'f:b': {} }` of `a b`. */
export const fields = (names: string): JsonObject =>
  Object.fromEntries(names.split(' ').map((name) => [`f:${name}`, {}]))

/** The conflict that `act` runs into. */
export function conflictOf(act: () => unknown): ApplyConflict {
  try {
    act()
  } catch (error) {
    if (error instanceof ApplyConflict) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'expected a conflict' })
}

/** A widget with something of everything. */
export const full: JsonObject = {
  spec: {
    scalar: 's',
    granular: { a: '1', deep: { c: '1' } },
    atomic: { a: '1' },
    labels: { k: '1' },
    nested: { n: { v: '1' } },
    list: ['a', 'b'],
    set: ['a', 'b'],
    items: [{ name: 'x', value: '1' }],
    ports: [{ port: 80 }],
  },
}
