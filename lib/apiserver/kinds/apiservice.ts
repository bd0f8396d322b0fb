/**
 * APIServices of apiregistration.k8s.io/v1: who serves which group and version. Those of this server itself are always
 * available; one that names a Service is kept and leads nowhere, as nothing is passed on.
 */

import type { Json, JsonObject, Problem, ResourceType } from '../resource.ts'
import { isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { label1035Problems, pathProblems, portProblems, subdomainProblems } from '../schema/names.ts'
import { invalid, notSupported, required } from '../schema/problem.ts'
import { always, byDefault, field, keyed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'

const fields = {
  spec: always(
    struct('APIServiceSpec', {
      service: struct('ServiceReference', {
        namespace: 'string',
        name: 'string',
        port: byDefault('int32?', 443),
      }),
      group: 'string',
      version: 'string',
      insecureSkipTLSVerify: 'bool',
      caBundle: { ...field('bytes'), 'x-kubernetes-list-type': 'atomic' },
      groupPriorityMinimum: 'int32!',
      versionPriority: 'int32!',
    }),
  ),
  status: always(
    struct('APIServiceStatus', {
      conditions: keyed(
        struct('APIServiceCondition', {
          type: 'string!',
          status: 'string!',
          lastTransitionTime: 'time',
          reason: 'string',
          message: 'string',
        }),
        ['type'],
      ),
    }),
  ),
}

/** The status of those that the server itself serves. */
export const localStatus = (now: string): JsonObject => ({
  conditions: [
    {
      type: 'Available',
      status: 'True',
      lastTransitionTime: now,
      reason: 'Local',
      message: 'Local APIServices are always available',
    },
  ],
})

/** `v1.apps` */
export const apiServiceName = (group: string, version: string): string => `${version}.${group}`

const MAX_GROUP_PRIORITY = 20_000
const MAX_VERSION_PRIORITY = 1_000

const nameProblems = (name: string, spec: JsonObject): Problem[] => {
  const wanted = apiServiceName(stringAt(spec, 'group'), stringAt(spec, 'version'))
  const texts = pathProblems(name)
  if (texts.length === 0 && name !== wanted)
    texts.push(`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)
  return texts.map((text) => invalid('metadata.name', name, text))
}

const priorityProblems = (spec: JsonObject, name: string, most: number): Problem[] => {
  const value = numberAt(spec, name) ?? 0
  return value > 0 && value <= most
    ? []
    : [invalid(`spec.${name}`, value, `must be positive and less than ${most}`)]
}

const targetProblems = (spec: JsonObject): Problem[] => {
  const skips = spec.insecureSkipTLSVerify === true
  const bundle = stringAt(spec, 'caBundle')
  const { service } = spec
  if (!isObject(service))
    return [
      ...(bundle === ''
        ? []
        : [
            invalid(
              'spec.caBundle',
              `${Buffer.from(bundle, 'base64').length} bytes`,
              'local APIServices may not have a caBundle',
            ),
          ]),
      ...(skips
        ? [
            invalid(
              'spec.insecureSkipTLSVerify',
              true,
              'local APIServices may not have insecureSkipTLSVerify',
            ),
          ]
        : []),
    ]
  const port = numberAt(service, 'port') ?? 0
  return [
    ...['namespace', 'name'].flatMap((name) =>
      stringAt(service, name) === '' ? [required(`spec.service.${name}`)] : [],
    ),
    ...portProblems(port).map((text) => invalid('spec.service.port', port, `port is not valid: ${text}`)),
    ...(skips && bundle !== ''
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ]
}

const specProblems = (object: JsonObject): Problem[] => {
  const spec = objectAt(object, 'spec')
  const group = stringAt(spec, 'group')
  const version = stringAt(spec, 'version')
  return [
    ...nameProblems(stringAt(object, 'metadata', 'name'), spec),
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(group === '' ? [] : subdomainProblems(group).map((text) => invalid('spec.group', group, text))),
    ...label1035Problems(version).map((text) => invalid('spec.version', version, text)),
    ...priorityProblems(spec, 'groupPriorityMinimum', MAX_GROUP_PRIORITY),
    ...priorityProblems(spec, 'versionPriority', MAX_VERSION_PRIORITY),
    ...targetProblems(spec),
  ]
}

const states = ['True', 'False', 'Unknown']

const statusProblems = (conditions: readonly Json[]): Problem[] =>
  conditions.flatMap((one, index) => {
    const status = stringAt(one, 'status')
    return states.includes(status) ? [] : [notSupported(`status.conditions[${index}].status`, status, states)]
  })

/** apiregistration.k8s.io/v1 APIService. */
export const apiServiceType: ResourceType = defineKind({
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  namespaced: false,
  categories: ['api-extensions'],
  hasStatus: true,
  nameFormat: 'any',
  fields,
  prepare: (object, before, server) => {
    const isLocal = !isObject(objectAt(object, 'spec').service)
    if (before === undefined && isLocal) object.status = localStatus(server.now())
  },
  validate: (object, before, subresource) =>
    before && subresource === 'status'
      ? statusProblems(listAt(object, 'status', 'conditions'))
      : specProblems(object),
})
