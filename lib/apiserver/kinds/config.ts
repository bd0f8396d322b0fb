/**
 * Namespaces, ConfigMaps, Secrets and ServiceAccounts.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import { configKeyProblems } from '../schema/names.ts'
import { forbidden, immutable, invalid, required } from '../schema/problem.ts'
import { always, byDefault, choice, keyed, listOf, optional, struct } from './dsl.ts'
import { defineKind, selectable } from './kind.ts'
import { localObjectReference, objectReference, workloadConditions } from './reference.ts'
import { tokenRequestType } from './review.ts'

const namespace: ResourceType = defineKind({
  kind: 'Namespace',
  namespaced: false,
  shortNames: ['ns'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  hasStatus: true,
  subresources: [{ name: 'finalize', verbs: ['update'] }],
  nameFormat: 'label',
  fields: {
    spec: always(struct('NamespaceSpec', { finalizers: 'string[]' })),
    status: always(
      struct('NamespaceStatus', {
        phase: byDefault(choice('string', 'Active', 'Terminating'), 'Active'),
        conditions: workloadConditions('NamespaceCondition', 'lastTransitionTime'),
      }),
    ),
  },
  selectableFields: selectable('status.phase'),
  prepare: (object, before) => {
    if (!before) addNamespaceFinalizer(object)
  },
  defaults: (object) => labelWithName(object),
})

const addNamespaceFinalizer = (object: JsonObject): void => {
  const finalizers = listAt(object, 'spec', 'finalizers')
  if (!finalizers.includes('kubernetes')) object.spec = { finalizers: [...finalizers, 'kubernetes'] }
}

/** The label by which selectors find a namespace by its name; nobody can give it another value. */
function labelWithName(object: JsonObject): void {
  const metadata = objectAt(object, 'metadata')
  const name = stringAt(metadata, 'name')
  if (name === '') return
  metadata.labels = { ...objectAt(metadata, 'labels'), 'kubernetes.io/metadata.name': name }
}

const keysProblems = (data: JsonObject, field: string): Problem[] =>
  Object.keys(data).flatMap((key) =>
    configKeyProblems(key).map((text) => invalid(`${field}[${key}]`, key, text)),
  )

const frozen = 'field is immutable when `immutable` is set'

const immutableProblems = (
  object: JsonObject,
  before: JsonObject | undefined,
  fields: string[],
): Problem[] => {
  if (before?.immutable !== true) return []
  const changed = fields.filter((field) => !isEqual(objectAt(object, field), objectAt(before, field)))
  if (object.immutable !== true) changed.unshift('immutable')
  return changed.map((field) => forbidden(field, frozen))
}

/** ConfigMaps and Secrets hold at most a mebibyte (core validation, MaxSecretSize). */
const maxBytes = 1024 * 1024

const sizeProblems = (bytes: number, field: string): Problem[] =>
  bytes > maxBytes
    ? [
        {
          reason: 'FieldValueTooLong',
          field,
          message: `Too long: may not be more than ${maxBytes} bytes`,
        },
      ]
    : []

const bytesOf = (data: JsonObject, encoding: BufferEncoding): number =>
  Object.values(data).reduce<number>((total, value) => total + Buffer.byteLength(String(value), encoding), 0)

const configMap: ResourceType = defineKind({
  kind: 'ConfigMap',
  shortNames: ['cm'],
  fields: { data: 'string{}', binaryData: 'bytes{}', immutable: 'bool?' },
  validate: (object, before) => {
    const data = objectAt(object, 'data')
    const binary = objectAt(object, 'binaryData')
    const twice = Object.keys(data).filter((key) => Object.hasOwn(binary, key))
    return [
      ...immutableProblems(object, before, ['data', 'binaryData']),
      ...keysProblems(data, 'data'),
      ...twice.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
      ...keysProblems(binary, 'binaryData'),
      ...sizeProblems(bytesOf(data, 'utf8') + bytesOf(binary, 'base64'), '[]'),
    ]
  },
})

const secret: ResourceType = defineKind({
  kind: 'Secret',
  fields: {
    immutable: 'bool?',
    data: 'bytes{}',
    stringData: 'string{}',
    type: byDefault('string', 'Opaque'),
  },
  selectableFields: selectable('type'),
  defaults: foldStringData,
  validate: (object, before) => [
    ...(before && !isEqual(object.type, before.type) ? [immutable('type', object.type ?? '')] : []),
    ...immutableProblems(object, before, ['data']),
    ...keysProblems(objectAt(object, 'data'), 'data'),
    ...secretTypeProblems(object),
    ...sizeProblems(bytesOf(objectAt(object, 'data'), 'base64'), 'data'),
  ],
  warnings: (object) =>
    object.type === 'kubernetes.io/tls' && !isPem(object)
      ? ['tls: failed to find any PEM data in certificate input']
      : [],
})

function foldStringData(object: JsonObject): void {
  const given = object.stringData
  delete object.stringData
  if (!isObject(given)) return
  const encoded = Object.entries(given).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ])
  object.data = { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) }
}

const isPem = (object: JsonObject): boolean =>
  Buffer.from(stringAt(object, 'data', 'tls.crt'), 'base64')
    .toString()
    .includes('-----BEGIN ')

const demandedKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

const secretTypeProblems = (object: JsonObject): Problem[] => {
  const type = stringAt(object, 'type')
  const data = objectAt(object, 'data')
  const account = 'kubernetes.io/service-account.name'
  if (
    type === 'kubernetes.io/service-account-token' &&
    stringAt(object, 'metadata', 'annotations', account) === ''
  )
    return [required(`metadata.annotations[${account}]`)]
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data))
    return [required('data[username]'), required('data[password]')]
  const demanded = demandedKeys[type] ?? []
  const missing = demanded.filter((key) => !(key in data)).map((key) => required(`data[${key}]`))
  const json = demanded.find((key) => key.startsWith('.docker'))
  return json === undefined || missing.length > 0 ? missing : jsonProblems(data, json)
}

const jsonProblems = (data: JsonObject, key: string): Problem[] => {
  const text = Buffer.from(stringAt(data, key), 'base64').toString()
  try {
    JSON.parse(text)
    return []
  } catch {
    return [invalid(`data[${key}]`, '<secret contents redacted>', jsonError(text))]
  }
}

/** Go's words for the place where JSON ends, for the literals that mistakes usually begin with. */
const jsonError = (text: string): string => {
  for (const literal of ['null', 'true', 'false']) {
    if (text[0] !== literal[0]) continue
    const wrong = [...literal].findIndex((char, index) => text[index] !== char)
    const found = text[wrong]
    if (found !== undefined)
      return `invalid character '${found}' in literal ${literal} (expecting '${literal[wrong]}')`
  }
  return text === ''
    ? 'unexpected end of JSON input'
    : `invalid character '${text[0]}' looking for beginning of value`
}

const serviceAccount: ResourceType = defineKind({
  kind: 'ServiceAccount',
  returnsDeleted: true,
  shortNames: ['sa'],
  subresources: [
    {
      name: 'token',
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      sent: tokenRequestType,
      verbs: ['create'],
    },
  ],
  fields: {
    secrets: keyed(objectReference, ['name']),
    imagePullSecrets: listOf(localObjectReference),
    automountServiceAccountToken: optional('bool'),
  },
})

/** The kinds of core/v1 that hold configuration and identity. */
export const configTypes: readonly ResourceType[] = [namespace, configMap, secret, serviceAccount]
