/** What the conditions of a namespace say while it is emptied: the words are those of the real namespace controller. */
import { metadataList } from './metadata.ts'
import type { Json, JsonObject, ResourceType } from './resource.ts'
import { isObject } from './schema/equal.ts'
import type { StatusError } from './status.ts'
import type { Entry } from './store.ts'

/** Objects of one kind that are still there. */
export interface Left {
  readonly type: ResourceType
  readonly entries: readonly Entry[]
}

type Told = readonly [type: string, status: 'True' | 'False', reason: string, message: string]

/** The conditions as they are from `now` on; what somebody else has put among them stays. */
export function conditionsOf(
  old: readonly Json[],
  left: readonly Left[],
  failures: readonly StatusError[],
  now: string,
): Json[] {
  const conditions = [...old]
  for (const [type, status, reason, message] of toldOf(left, failures)) {
    const index = conditions.findIndex((one) => isObject(one) && one.type === type)
    const before = conditions[index]
    const since = isObject(before) && before.status === status ? before.lastTransitionTime : undefined
    const condition: JsonObject = { type, status, lastTransitionTime: since ?? now, reason, message }
    if (index < 0) conditions.push(condition)
    else conditions[index] = condition
  }
  return conditions
}

const toldOf = (left: readonly Left[], failures: readonly StatusError[]): Told[] => [
  [
    'NamespaceDeletionDiscoveryFailure',
    'False',
    'ResourcesDiscovered',
    'All resources successfully discovered',
  ],
  [
    'NamespaceDeletionGroupVersionParsingFailure',
    'False',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ],
  failures.length > 0
    ? ['NamespaceDeletionContentFailure', 'True', 'ContentDeletionFailed', failureText(failures)]
    : [
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
  left.length > 0
    ? ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain', remainingText(left)]
    : ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
  finalizersOf(left).size > 0
    ? ['NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain', finalizersText(left)]
    : [
        'NamespaceFinalizersRemaining',
        'False',
        'ContentHasNoFinalizers',
        'All content-preserving finalizers finished',
      ],
]

const failureText = (failures: readonly StatusError[]): string =>
  `Failed to delete all resource types, ${failures.length} remaining: ${failures
    .map(({ message }) => message)
    .sort()
    .join(', ')}`

/** Core resources keep the dot that parts them from their empty group. */
const remainingText = (left: readonly Left[]): string =>
  `Some resources are remaining: ${left
    .map(({ type, entries }) => `${type.plural}.${type.group} has ${entries.length} resource instances`)
    .sort()
    .join(', ')}`

const finalizersText = (left: readonly Left[]): string =>
  `Some content in the namespace has finalizers remaining: ${[...finalizersOf(left)]
    .map(([name, count]) => `${name} in ${count} resource instances`)
    .sort()
    .join(', ')}`

function finalizersOf(left: readonly Left[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { entries } of left)
    for (const { object } of entries)
      for (const name of metadataList(object, 'finalizers').map(String))
        counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
