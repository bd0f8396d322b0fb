/** The secrets of Workers that run here, beside one API server. */
import { randomBytes } from 'node:crypto'

/** `reviewKeys` as FAIRLEAD_REVIEW_KEYS. Nobody knows the one key that the ingress would take a change with. */
export const localSecrets = (server: string, reviewKeys: string): Record<string, string> => ({
  FAIRLEAD_CLUSTERS: JSON.stringify({ default: { server } }),
  FAIRLEAD_REVIEW_KEYS: reviewKeys,
  FAIRLEAD_INGRESS: JSON.stringify({
    nobody: { cluster: 'default', hmac: { keys: { k1: randomBytes(32).toString('base64url') } } },
  }),
})
