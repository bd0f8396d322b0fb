/** From a wake to the message that is sent, and several messages for one key to the one that stands for them. Pure. */
import type { Lane, Message } from '../message.ts'
import { mergeOrigins } from '../origin.ts'
import type { Wake } from './decide.ts'

/** As many causes as the schema of a message allows, each as long as it allows. */
const CAUSES = 16
const CAUSE_LENGTH = 512

/** A message holds the key and why, never the object. `origin`: of which change, where two relays agree on it. */
export function toMessage(wake: Wake, cluster: string, lane: Lane, origin?: string): Message {
  const { controller, key, related, cause, resourceVersion } = wake
  return {
    version: 1,
    cluster,
    controller: controller.name,
    ...(key.namespace === undefined ? {} : { namespace: key.namespace }),
    name: key.name,
    ...(related === undefined ? {} : { related }),
    causes: [cause.slice(0, CAUSE_LENGTH)],
    lane,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(origin === undefined ? {} : { origin }),
    attempt: 0,
  }
}

/**
 * One message for two of the same key, `newer` being the later. The better lane; all causes, of too many the newest; the
 * newer's resourceVersion if both have one: a worker that was woken for anything else must read the newest state. The origin
 * that stands for both: see {@link mergeOrigins}.
 */
export function mergeWakes(older: Message, newer: Message): Message {
  const { resourceVersion, origin: _origin, ...rest } = newer
  const origin = mergeOrigins(older.origin, newer.origin)
  const causes = [...older.causes.filter((cause) => !newer.causes.includes(cause)), ...newer.causes]
  const isBounded = older.resourceVersion !== undefined && resourceVersion !== undefined
  return {
    ...rest,
    causes: causes.slice(-CAUSES),
    lane: older.lane === 'change' ? 'change' : newer.lane,
    ...(isBounded ? { resourceVersion } : {}),
    ...(origin === undefined ? {} : { origin }),
  }
}
