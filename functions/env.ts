/** The environment, parsed once; from here on it is arguments. */
import * as z from 'zod'

const schema = z.object({
  /** Set to anything but the empty string: no colour (no-color.org). */
  NO_COLOR: z.string().optional(),
  FORCE_COLOR: z.string().optional(),
})

/** What the entries take from the environment. */
export function readEnv(env: NodeJS.ProcessEnv = process.env, terminal = process.stdout.isTTY === true) {
  const { NO_COLOR, FORCE_COLOR } = schema.parse(env)
  return { color: FORCE_COLOR ? FORCE_COLOR !== '0' : terminal && !NO_COLOR }
}

const reviewSchema = z.object({
  /** `id=base64url` of 32 bytes at least, one or two of them separated by a comma; the first makes new paths. */
  FAIRLEAD_REVIEW_KEYS: z.string().optional(),
})

/** The keys of the capability paths; undefined where none are configured. Throws an Error that names the rule. */
export function readReviewKeys(env: Readonly<Record<string, unknown>> = process.env): string | undefined {
  return reviewSchema.parse(env).FAIRLEAD_REVIEW_KEYS
}

const ingressSchema = z.object({
  /** JSON: who may tell of changes, and of which cluster (`lib/ingress/senders.ts`). */
  FAIRLEAD_INGRESS: z.string().optional(),
})

/** Who may tell the ingress of changes, as text; undefined where nobody is configured. */
export function readIngress(env: Readonly<Record<string, unknown>> = process.env): string | undefined {
  return ingressSchema.parse(env).FAIRLEAD_INGRESS
}
