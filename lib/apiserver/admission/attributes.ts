/** What is asked of admission: one operation on one object. */
import { metadataText } from '../metadata.ts'
import type { User } from '../auth/user.ts'
import type { JsonObject, ResourceType } from '../resource.ts'
import { subresourceOf } from '../subresource.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'

/** Who asks, and with which options: the same for everything that one request writes. */
export interface Asking {
  readonly user: User
  /** `CreateOptions`, `UpdateOptions` or `DeleteOptions` as JSON, without kind and apiVersion. */
  readonly options: JsonObject
  readonly dryRun: boolean
  /** When the request has to be answered, by the server's clock in milliseconds. */
  readonly deadline: number
  /** Takes the text of a `Warning` header. */
  readonly warn: (text: string) => void
}

/** Objects are in the version of `type`, with kind and apiVersion; or in that of the subresource's own kind (Scales). */
export interface Attributes extends Asking {
  readonly operation: Operation
  readonly type: ResourceType
  readonly subresource: string
  /** '' where it is still to be generated, and for a deletecollection. */
  readonly name: string
  readonly namespace: string
  /** Undefined for DELETE. */
  readonly object: JsonObject | undefined
  /** Undefined for CREATE. */
  readonly before: JsonObject | undefined
}

/** A kind, as reviews name it. */
export interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export const isNamespaceType = (type: ResourceType): boolean => type.group === '' && type.kind === 'Namespace'

/** The namespace of a request: that of a Namespace object is itself. */
export const namespaceOf = (type: ResourceType, namespace: string, name: string): string =>
  isNamespaceType(type) ? name : namespace

/** What an object of the resource or of its subresource is. */
export const kindOf = (type: ResourceType, subresource: string): Kind => {
  const part = subresourceOf(type, subresource)
  const { group, version, kind } = part?.kind === undefined ? type : { ...type, ...part }
  return { group, version, kind: kind ?? type.kind }
}

/** Is it of a kind of its own, the same in all versions of the resource? */
export const hasOwnKind = (type: ResourceType, subresource: string): boolean =>
  subresourceOf(type, subresource)?.kind !== undefined

/** The name of an object, or '' where there is none. */
export const nameOf = (object: JsonObject | undefined): string =>
  object === undefined ? '' : metadataText(object, 'name')
