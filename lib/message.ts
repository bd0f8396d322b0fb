/**
 * What travels from the relay through the queue to work: which object to look at, never the object. Everything except the
 * key may be lost or merged without harm, because a worker reads the object again.
 */
import * as z from 'zod'

const name = z.string().min(1).max(253)

/** The lane: `change` goes before `background` (initial lists, resyncs). */
export type Lane = 'change' | 'background'

/**
 * One schema for every queue. `related` present: not the primary but a watched object changed, and the worker's map
 * function decides which primaries to wake; `namespace` and `name` are then the related object's.
 */
export const messageSchema = z.object({
  version: z.literal(1),
  cluster: z.string().max(253),
  controller: z.string().min(1).max(253),
  namespace: z.string().min(1).max(63).optional(),
  name,
  /** Group and kind of the watched object that changed, as `groupKindOf` writes it. */
  related: z.string().max(320).optional(),
  /** Why, for people: `created`, `generation 3`, `Deployment web deleted`. Bounded; never decided on. */
  causes: z.array(z.string().max(512)).max(16),
  lane: z.enum(['change', 'background']),
  /** The primary's resourceVersion, where the primary itself changed: the read need not be newer than this. */
  resourceVersion: z.string().max(64).optional(),
  /**
   * Which change of which object this was sent for: the same text in two relays that saw the same change, so that a queue may
   * drop the second. Absent: nobody else sends it.
   */
  origin: z.string().max(200).optional(),
  /** Counted failures so far. */
  attempt: z.int().min(0),
  /** Delay that was asked for, in seconds, and the time it ends (milliseconds since the epoch). */
  delaySeconds: z.number().min(0).optional(),
  notBefore: z.number().min(0).optional(),
  /** W3C trace context. */
  traceparent: z.string().max(128).optional(),
})

export type Message = Readonly<z.infer<typeof messageSchema>>

/** What a queue may never hand out twice at once. Unique per cluster, controller and object (or watched object). */
export function keyOf(message: Message): string {
  return [
    message.cluster,
    message.controller,
    message.related ?? '',
    message.namespace ?? '',
    message.name,
  ].join('|')
}

/**
 * How people name a key of the queue: `controller/namespace/name`, with the kind that changed where it is a watched one, and
 * with the cluster where there is more than one.
 */
export function keyName(message: Message): string {
  const { cluster, controller, related } = message
  const parts = [controller, ...(related === undefined ? [] : [related]), keyText(message)]
  return [...(cluster === ONLY_CLUSTER ? [] : [cluster]), ...parts].join('/')
}

/** The cluster's name in messages where there is only one. */
export const ONLY_CLUSTER = 'default'

/** `namespace/name`, or the name alone: how people write a key. */
export const keyText = (key: { namespace?: string | undefined; name: string }): string =>
  key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`
