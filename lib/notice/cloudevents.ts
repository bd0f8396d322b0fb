/**
 * CloudEvents of Knative's ApiServerSource: `dev.knative.apiserver.ref.{add,update,delete}` carry a reference,
 * `dev.knative.apiserver.resource.*` the object, of which the key, the version and the owners are taken. Other types are ignored.
 */
import { originOfWrite } from '../origin.ts'
import * as z from 'zod'
import { groupOf } from '../kube.ts'
import { ignored, type Notice, problemsOf, type Reading, toKey } from './reading.ts'

const text = (most: number) => z.string().min(1).max(most)

/** CloudEvents 1.0, structured: what is read of it. */
const eventSchema = z.object({
  specversion: z.literal('1.0'),
  id: text(1024),
  source: text(2048),
  type: text(253),
  data: z.unknown().optional(),
})

const typed = { apiVersion: text(317), kind: text(63) }

const placed = {
  name: text(253),
  namespace: z.string().max(63).optional(),
  uid: z.string().max(128).optional(),
  resourceVersion: z.string().max(64).optional(),
}

/** core/v1 ObjectReference. */
const referenceSchema = z.object({ ...typed, ...placed })

export const ownersSchema = z.array(
  z.object({ ...typed, name: text(253), uid: text(128), controller: z.boolean().optional() }),
)

const objectSchema = z.object({
  ...typed,
  metadata: z.object({ ...placed, ownerReferences: ownersSchema.optional() }),
})

const CHANGES: Readonly<Record<string, Notice['change']>> = {
  add: 'created',
  update: 'changed',
  delete: 'deleted',
}

/** Reads the event at this place of a batch. */
export function readCloudEvent(value: unknown, index: number): Reading {
  const event = eventSchema.safeParse(value)
  if (!event.success) return { type: 'refused', problems: problemsOf(event.error, index) }
  const [, mode, verb = ''] =
    /^dev\.knative\.apiserver\.(ref|resource)\.(add|update|delete)$/.exec(event.data.type) ?? []
  const change = CHANGES[verb]
  if (change === undefined) return ignored('another type of event')
  return mode === 'ref'
    ? readReference(event.data.data, change, index)
    : readObject(event.data.data, change, index)
}

function readReference(data: unknown, change: Notice['change'], index: number): Reading {
  const reference = referenceSchema.safeParse(data)
  if (!reference.success) return { type: 'refused', problems: problemsOf(reference.error, index, 'data') }
  return { type: 'notice', notice: noticeOf(reference.data, reference.data, change) }
}

function readObject(data: unknown, change: Notice['change'], index: number): Reading {
  const object = objectSchema.safeParse(data)
  if (!object.success) return { type: 'refused', problems: problemsOf(object.error, index, 'data') }
  const { metadata } = object.data
  const owners = metadata.ownerReferences ?? []
  return { type: 'notice', notice: { ...noticeOf(object.data, metadata, change), owners } }
}

interface Placed {
  readonly name: string
  readonly namespace?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
}

function noticeOf(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  { name, namespace, uid, resourceVersion }: Placed,
  change: Notice['change'],
): Notice {
  return {
    group: groupOf(apiVersion),
    kind,
    key: toKey(name, namespace),
    change,
    isStatus: false,
    origin: originOf({ uid, resourceVersion }, change),
  }
}

/** Of a deletion there is none: its informer may have missed it, and then tells the version that was told of before. */
export const originOf = (
  { uid, resourceVersion }: Pick<Placed, 'uid' | 'resourceVersion'>,
  change: Notice['change'],
): string | undefined =>
  uid && resourceVersion && change !== 'deleted' ? originOfWrite({ uid, resourceVersion }) : undefined
