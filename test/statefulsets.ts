/**
 * StatefulSets as Kubernetes runs them, for tests: the embedded API server has no controller for them and no kubelet. The pods are
 * real objects. One small action at a time, and only when a test says so; what is done in which order is taken from
 * pkg/controller/statefulset/stateful_set_control.go, for the pod management policy OrderedReady.
 */
import { hashJson } from '../lib/hash.ts'
import { type Key, type Kube, Pod, type Served, StatefulSet } from '../lib/index.ts'

type Set = Served<StatefulSet>
type Template = NonNullable<Set['spec']>['template']

export interface Member {
  readonly ordinal: number
  readonly revision: string
  readonly image: string
  readonly isReady: boolean
}

/** All of them resolve with whether there was something to do. */
export interface StatefulSets {
  /** Writes the status: which generation was looked at, and what there is. */
  observe(key: Key): Promise<boolean>
  /** Creates or deletes one pod. */
  act(key: Key): Promise<boolean>
  /** The kubelet's part: the first pod that is not ready, and whose image works, becomes ready. */
  start(key: Key): Promise<boolean>
  /** All of the above, until nothing is left to do. */
  settle(key: Key): Promise<boolean>
  /** A pod is ready no more. */
  fail(key: Key, ordinal: number): Promise<boolean>
  /** The pods there are, by ordinal. */
  members(key: Key): Promise<Member[]>
}

const REVISION = 'controller-revision-hash'

/** The revision of a set's pod template. */
export const revisionOf = ({ metadata, spec }: Set): string =>
  `${metadata.name}-${hashJson(spec?.template).slice(-10)}`

export const partitionOf = ({ spec }: Set): number => spec?.updateStrategy?.rollingUpdate?.partition ?? 0
export const replicasOf = ({ spec }: Set): number => spec?.replicas ?? 1

/** Through `api`, which must tell the truth. `works`: whether pods of an image become ready. */
export function statefulSets(api: Kube, works: (image: string) => boolean = () => true): StatefulSets {
  /** What ControllerRevisions hold. */
  const templates = new Map<string, Template | undefined>()

  async function look(key: Key) {
    const set = await api.get(StatefulSet, key)
    if (set === undefined) return undefined
    const update = revisionOf(set)
    templates.set(update, set.spec?.template)
    const current = set.status?.currentRevision ?? update
    return { set, update, current, members: await members(api, key) }
  }

  async function observe(key: Key): Promise<boolean> {
    const seen = await look(key)
    if (seen === undefined) return false
    const { set, update, members } = seen
    const updated = members.filter(({ revision }) => revision === update).length
    const ready = members.filter(({ isReady }) => isReady).length
    const isComplete = [members.length, updated, ready].every((count) => count === replicasOf(set))
    const current = isComplete ? update : seen.current
    const status = {
      observedGeneration: set.metadata.generation,
      replicas: members.length,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: updated,
      currentReplicas: members.filter(({ revision }) => revision === current).length,
      currentRevision: current,
      updateRevision: update,
    }
    const next = await api.patch(
      StatefulSet,
      key,
      { type: 'merge', body: { status } },
      { subresource: 'status' },
    )
    return next.metadata.resourceVersion !== set.metadata.resourceVersion
  }

  async function act(key: Key): Promise<boolean> {
    const seen = await look(key)
    if (seen === undefined) return false
    const { set, update, current, members } = seen
    const [replicas, partition] = [replicasOf(set), partitionOf(set)]
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const member = members.find((one) => one.ordinal === ordinal)
      const revision = ordinal < partition ? current : update
      if (member === undefined) return create(key, { ordinal, revision })
      if (!member.isReady) return false
    }
    const last = members.at(-1)
    if (last !== undefined && last.ordinal >= replicas) return remove(key, last.ordinal)
    const old = members.findLast(({ ordinal, revision }) => ordinal >= partition && revision !== update)
    return old !== undefined && remove(key, old.ordinal)
  }

  async function create(key: Key, { ordinal, revision }: Pick<Member, 'ordinal' | 'revision'>) {
    const template = templates.get(revision)
    const name = `${key.name}-${ordinal}`
    const labels = { ...template?.metadata?.labels, [REVISION]: revision }
    const image = template?.spec?.containers[0]?.image
    await api.create(Pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...key, name, labels },
      spec: { containers: [{ name: 'member', image }] },
    })
    return true
  }

  async function remove(key: Key, ordinal: number): Promise<boolean> {
    await api.delete(Pod, { ...key, name: `${key.name}-${ordinal}` }, { gracePeriodSeconds: 0 })
    return true
  }

  async function turn(key: Key, ordinal: number, status: 'True' | 'False'): Promise<boolean> {
    const body = { status: { conditions: [{ type: 'Ready', status }] } }
    const pod = { ...key, name: `${key.name}-${ordinal}` }
    await api.patch(Pod, pod, { type: 'merge', body }, { subresource: 'status' })
    return true
  }

  async function start(key: Key): Promise<boolean> {
    const waiting = (await members(api, key)).find(({ isReady, image }) => !isReady && works(image))
    return waiting !== undefined && turn(key, waiting.ordinal, 'True')
  }

  return {
    observe,
    act,
    start,
    members: (key) => members(api, key),
    async fail(key, ordinal) {
      const isThere = (await members(api, key)).some((one) => one.ordinal === ordinal && one.isReady)
      return isThere && turn(key, ordinal, 'False')
    },
    async settle(key) {
      let moved = false
      while ((await observe(key)) || (await act(key)) || (await start(key))) moved = true
      return moved
    },
  }
}

async function members(api: Kube, { namespace, name }: Key): Promise<Member[]> {
  const { items } = await api.list(Pod, { namespace })
  return items
    .filter(({ metadata }) => metadata.name.startsWith(`${name}-`))
    .map(({ metadata, spec, status }) => ({
      ordinal: Number(metadata.name.slice(name.length + 1)),
      revision: metadata.labels?.[REVISION] ?? '',
      image: spec?.containers[0]?.image ?? '',
      isReady: status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    }))
    .sort((left, right) => left.ordinal - right.ordinal)
}
