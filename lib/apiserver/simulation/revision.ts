/** The history of a StatefulSet or DaemonSet: a ControllerRevision for each template that it had. */
import { labelsOf, metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { isEqual, numberAt, objectAt } from '../schema/equal.ts'
import { annotationsOf, type Cluster, controllerReference, type Item, type Kind } from './cluster.ts'
import { hashOf } from './hash.ts'

const CONTROLLER_REVISION: Kind = { apiVersion: 'apps/v1', kind: 'ControllerRevision' }

/** The revisions of a workload. */
export interface History {
  /** That of its template as it is now. */
  readonly update: Item
  /** The earliest first. */
  readonly all: readonly Item[]
}

const numberOf = ({ object }: Item): number => numberAt(object, 'revision') ?? 0
export const nameOf = ({ object }: Item): string => metadataText(object, 'name')

/** The template that a revision keeps. */
export const templateOf = ({ object }: Item): JsonObject => {
  const { $patch: _, ...template } = objectAt(object, 'data', 'spec', 'template')
  return template
}

/**
 * The history, with a revision for the template: made, or found again and made the latest. `hashLabel` is the label of the
 * kind that carries its hash. Undefined when it cannot be made now.
 */
export async function historyOf(
  cluster: Cluster,
  owner: JsonObject,
  hashLabel: string,
): Promise<History | undefined> {
  const known = cluster
    .controlled(owner, CONTROLLER_REVISION)
    .sort((one, other) => numberOf(one) - numberOf(other))
  const template = objectAt(owner, 'spec', 'template')
  const data = { spec: { template: { ...template, $patch: 'replace' } } }
  const equal = known.findLast(({ object }) => isEqual(object.data, data))
  const latest = known.at(-1)
  if (equal !== undefined && equal === latest) return { update: equal, all: known }
  const revision = (latest === undefined ? 0 : numberOf(latest)) + 1
  if (equal !== undefined) {
    const update = await cluster.update(equal, { ...equal.object, revision })
    return { update, all: [...known.filter((one) => one !== equal), update] }
  }
  const hash = hashOf(template, numberAt(owner, 'status', 'collisionCount') ?? 0)
  const name = `${metadataText(owner, 'name').slice(0, 223)}-${hash}`
  await cluster.create({
    ...CONTROLLER_REVISION,
    metadata: {
      name,
      namespace: metadataText(owner, 'namespace'),
      labels: { ...objectAt(template, 'metadata', 'labels'), [hashLabel]: hash },
      annotations: annotationsOf(owner),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  })
  const update = cluster.find(CONTROLLER_REVISION, metadataText(owner, 'namespace'), name)
  return update === undefined ? undefined : { update, all: [...known, update] }
}

export const hashLabelOf = ({ object }: Item, label: string): string => labelsOf(object)[label] ?? ''

/** Deletes what is too much for the history; `live` are the names of revisions that are in use. */
export async function truncate(
  cluster: Cluster,
  owner: JsonObject,
  { all }: History,
  live: ReadonlySet<string>,
): Promise<void> {
  const unused = all.filter((one) => !live.has(nameOf(one)))
  const limit = numberAt(owner, 'spec', 'revisionHistoryLimit') ?? 10
  for (const item of unused.slice(0, Math.max(0, unused.length - limit))) await cluster.remove(item)
}
