/** The secrets of Workers that run here, beside one API server. */
import { randomBytes } from 'node:crypto'

export interface LocalKeys {
  /** FAIRLEAD_REVIEW_KEYS */
  readonly review: string
  /** FAIRLEAD_QUEUE_KEY */
  readonly queue: string
}

/** Each as its setting is. Nobody knows the one key that the ingress would take a change with. */
export const localSecrets = (server: string, keys: LocalKeys): Record<string, string> => ({
  FAIRLEAD_CLUSTERS: JSON.stringify({ default: { server } }),
  FAIRLEAD_REVIEW_KEYS: keys.review,
  FAIRLEAD_QUEUE_KEYS: `k1=${keys.queue}`,
  FAIRLEAD_INGRESS: JSON.stringify({
    nobody: { cluster: 'default', hmac: { keys: { k1: randomBytes(32).toString('base64url') } } },
  }),
})
