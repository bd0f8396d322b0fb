/**
 * What rules about a pod spec need to know besides the spec: whether it is a pod's own or a template's, and its metadata.
 */

import type { JsonObject } from '../../resource.ts'
import { isObject, listAt } from '../../schema/equal.ts'

/** Where a pod spec stands. */
export interface Place {
  /** `spec`, `spec.template.spec` */
  readonly field: string
  readonly spec: JsonObject
  /** The pod's metadata; templates have none that counts. */
  readonly metadata: JsonObject | undefined
}

/** Is it a pod itself, and no template? */
export const isPod = ({ metadata }: Place): boolean => metadata !== undefined

const LISTS = ['initContainers', 'containers', 'ephemeralContainers']

/** Runs over the containers of all three lists, in the order in which the real server visits them. */
export const eachContainer = <T>(
  spec: JsonObject,
  field: string,
  look: (container: JsonObject, field: string) => T[],
): T[] =>
  LISTS.flatMap((list) =>
    listAt(spec, list).flatMap((container, index) =>
      isObject(container) ? look(container, `${field}.${list}[${index}]`) : [],
    ),
  )
