/**
 * Who may tell of changes: the setting FAIRLEAD_INGRESS, `{ "<sender>": { "cluster": "<name>", "oidc": {...} | "hmac": {...} } }`.
 * A sender speaks for one cluster, whatever its batches say.
 */
import * as z from 'zod'
import { type Bytes, LEAST_BYTES, parseSecret } from '../mac.ts'
import { isTrusted, URL_RULE } from './address.ts'

const url = z.string().max(2048).refine(isTrusted, URL_RULE)

const isPublic = (jwk: Readonly<Record<string, unknown>>): boolean =>
  (jwk.kty === 'RSA' || jwk.kty === 'EC') && !('d' in jwk)

const oidcSchema = z
  .strictObject({
    /** Exactly as tokens have it (`iss`). */
    issuer: url,
    audience: z.string().min(1).max(512),
    /** `system:serviceaccount:<namespace>:<name>` */
    subject: z.string().min(1).max(512),
    /** Where the keys are; without it the issuer's discovery document says so. */
    jwksUri: url.optional(),
    /** The keys themselves, for an issuer that cannot be reached (`kubectl get --raw /openid/v1/jwks`). */
    jwks: z
      .object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(16) })
      .refine(({ keys }) => keys.every(isPublic), 'must have public RSA or EC keys alone')
      .optional(),
  })
  .refine(
    ({ jwksUri, jwks }) => jwksUri === undefined || jwks === undefined,
    'must not have jwksUri and jwks',
  )

const secret = z.string().transform((text, context): Bytes => {
  const bytes = parseSecret(text)
  if (bytes !== undefined) return bytes
  context.addIssue({ code: 'custom', message: `must be base64url of ${LEAST_BYTES} bytes at least` })
  return z.NEVER
})

const hmacSchema = z.strictObject({
  /** By id; two while one is exchanged for the other. */
  keys: z
    .record(z.string().regex(/^[a-z0-9]{1,16}$/, 'must be an id of 1 to 16 letters and digits'), secret)
    .refine((keys) => [1, 2].includes(Object.keys(keys).length), 'must be one or two'),
})

const senderSchema = z
  .strictObject({
    cluster: z.string().regex(/^[A-Za-z0-9._-]{1,63}$/, 'must be 1 to 63 letters, digits, dots, dashes'),
    oidc: oidcSchema.optional(),
    hmac: hmacSchema.optional(),
  })
  .refine(({ oidc, hmac }) => (oidc === undefined) !== (hmac === undefined), 'must have either oidc or hmac')

const sendersSchema = z
  .record(
    z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'must be a name in lower case'),
    senderSchema,
  )
  .refine((senders) => Object.keys(senders).length > 0, 'must have one sender at least')

export type Oidc = Readonly<z.infer<typeof oidcSchema>>

/** One who may tell of changes of one cluster, and how it proves who it is. */
export interface Sender {
  readonly name: string
  readonly cluster: string
  readonly oidc?: Oidc | undefined
  readonly hmac?: { readonly keys: Readonly<Record<string, Bytes>> } | undefined
}

/** Reads the setting. Throws an Error with a line per wrong field, which names the sender and the rule, never a value. */
export function parseSenders(text: string): readonly Sender[] {
  const parsed = sendersSchema.safeParse(jsonOf(text))
  if (!parsed.success) throw new Error(parsed.error.issues.map(lineOf).join('\n'))
  const senders = Object.entries(parsed.data).map(([name, sender]) => ({ name, ...sender }))
  checkDistinct(senders)
  return senders
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw new Error('FAIRLEAD_INGRESS: must be JSON')
  }
}

function lineOf({ path: [sender, ...path], message }: z.core.$ZodIssue): string {
  const whose = sender === undefined ? '' : ` sender "${String(sender)}":`
  const field = path.length === 0 ? '' : ` ${path.map(String).join('.')}:`
  return `FAIRLEAD_INGRESS:${whose}${field} ${message}`
}

/** A token that two senders could have sent would leave open which cluster it speaks for. */
function checkDistinct(senders: readonly Sender[]): void {
  const seen = new Map<string, string>()
  for (const { name, oidc } of senders.filter((sender) => sender.oidc !== undefined)) {
    const { issuer, audience, subject, jwksUri, jwks } = oidc ?? {}
    const text = JSON.stringify([issuer, audience, subject, jwksUri, jwks])
    if (seen.has(text))
      throw new Error(
        `FAIRLEAD_INGRESS: sender "${name}": oidc: must differ from that of "${seen.get(text)}"`,
      )
    seen.set(text, name)
  }
}
