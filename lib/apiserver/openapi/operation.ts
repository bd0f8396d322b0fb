/** One operation of an OpenAPI document: what all of those of a kind, or of a part of it, have in common. */
import type { ResourceType, Subresource } from '../resource.ts'
import { article, capitalised, componentName, operationId, packageOf, tagOf } from './names.ts'
import { nameInPath, namespaceInPath, type Parameter, pretty } from './parameters.ts'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** A request and its answers. Types are names of components, or `string`. */
export interface Operation {
  readonly method: string
  readonly id: string
  readonly tag: string
  readonly description: string
  readonly parameters: readonly Parameter[]
  readonly consumes: readonly string[]
  readonly produces: readonly string[]
  readonly body?: { readonly type: string; readonly isRequired: boolean }
  /** The texts of the statuses with which `answer` comes. */
  readonly statuses: Readonly<Record<number, string>>
  readonly answer: string
  readonly action?: string
  readonly kind?: GroupVersionKind
}

export const BASIC = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const CUSTOM = ['application/json', 'application/yaml']

/** What most operations of a kind, or of a part of it, have in common. */
export interface Target {
  readonly type: ResourceType
  readonly part?: Subresource | undefined
}

const kindOf = ({ type, part }: Target): GroupVersionKind => ({
  group: type.custom ? type.group : (part?.group ?? type.group),
  version: type.custom ? type.version : (part?.version ?? type.version),
  kind: type.custom ? type.kind : (part?.kind ?? type.kind),
})

/** The component of what is read and written. */
export function objectOf({ type, part }: Target): string {
  if (part?.kind === undefined) return componentName(type, type.kind)
  return `${packageOf(part.group ?? type.group, part.version ?? type.version)}.${part.kind}`
}

export const isAllowed = ({ type, part }: Target, verb: string): boolean =>
  (part ?? type).verbs.some((one) => one === verb)

export function operation(
  target: Target,
  given: Pick<Operation, 'method' | 'description' | 'answer' | 'statuses'> &
    Partial<Operation> & { verb: string; suffix?: string; isEverywhere?: boolean },
): Operation {
  const { type, part } = target
  const { verb, suffix = '', isEverywhere = false, parameters = [], ...rest } = given
  const scope = type.namespaced && !isEverywhere ? 'Namespaced' : ''
  const name = `${scope}${type.kind}${part === undefined ? '' : capitalised(part.name)}${suffix}`
  const kind = kindOf(target)
  return {
    id: operationId(type.group, type.version, verb, name),
    tag: tagOf(type.group, type.version),
    consumes: type.custom ? CUSTOM : ['*/*'],
    produces: type.custom ? CUSTOM : BASIC,
    kind,
    ...rest,
    parameters: [
      ...parameters,
      ...(rest.action === 'connect' ? [] : [pretty]),
      ...(scope === '' ? [] : [namespaceInPath]),
    ],
  }
}

/** An operation on one object: it is named in the path. */
export const named = (target: Target, given: Parameters<typeof operation>[1]): Operation => {
  const { type, part } = target
  const kind = type.custom ? type.kind : (part?.kind ?? type.kind)
  return operation(target, { ...given, parameters: [...(given.parameters ?? []), nameInPath(kind)] })
}

/** `the specified Pod`, `status of the specified Pod`. */
export const specified = ({ type, part }: Target): string =>
  `${part === undefined ? '' : `${part.name} of `}the specified ${type.kind}`

export const some = ({ type, part }: Target): string =>
  `${part === undefined ? '' : ` ${part.name} of`}${article(type.kind)}${type.kind}`
