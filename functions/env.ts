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

const queueUrl = z.url({
  protocol: /^https?$/,
  error: ({ input }) => (input === undefined ? 'is not set' : 'must be the URL of an SQS queue'),
})
const fifoUrl = queueUrl.endsWith('.fifo', 'must be the URL of a FIFO queue')

const queuesSchema = z.object({
  FAIRLEAD_SQS_READY: fifoUrl,
  FAIRLEAD_SQS_DELAY: queueUrl,
  FAIRLEAD_SQS_BACKGROUND: queueUrl,
  /** Where keys that are given up go. */
  FAIRLEAD_SQS_DEAD: fifoUrl.optional(),
})

/**
 * The queues on SQS, and which setting each comes from. Throws an Error that names the setting and the rule. Whoever only
 * sends needs no dead-letter queue.
 */
export function readQueues({ needsDead = false, env = process.env as NodeJS.ProcessEnv } = {}) {
  const schema = needsDead ? queuesSchema.extend({ FAIRLEAD_SQS_DEAD: fifoUrl }) : queuesSchema
  const parsed = schema.safeParse(env)
  if (!parsed.success) throw new Error(problemText(parsed.error.issues))
  const { FAIRLEAD_SQS_READY: ready, FAIRLEAD_SQS_DELAY: delay, ...more } = parsed.data
  const { FAIRLEAD_SQS_BACKGROUND: background, FAIRLEAD_SQS_DEAD: dead = '' } = more
  const settings = new Map(Object.entries(parsed.data).map(([name, url = '']) => [url, name]))
  return { queues: { ready, delay, background, dead }, settings }
}

/** `FAIRLEAD_SQS_READY must be a FIFO queue; ...`: never the value. */
const problemText = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  [...new Map(issues.map(({ path, message }) => [path.join('.'), message]))]
    .map(([setting, rule]) => `${setting} ${rule}`)
    .join('; ')

/** What Lambda sets in every function, and what stands in for AWS elsewhere. Empty is absent. */
const setting = z
  .string()
  .optional()
  .transform((text) => text || undefined)
const awsSchema = z.object({
  AWS_REGION: setting,
  AWS_DEFAULT_REGION: setting,
  AWS_ACCESS_KEY_ID: setting,
  AWS_SECRET_ACCESS_KEY: setting,
  AWS_SESSION_TOKEN: setting,
  /** What ECS and EKS set instead of keys: where these are, and what to show there. */
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: setting,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: setting,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: setting,
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: setting,
  /** Addresses instead of AWS's own, as the SDKs read them: of all services, and of one. */
  AWS_ENDPOINT_URL: setting,
  AWS_ENDPOINT_URL_S3: setting,
  AWS_ENDPOINT_URL_SSM: setting,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: setting,
  AWS_ENDPOINT_URL_EKS: setting,
})

/**
 * Region, credentials and addresses of AWS. Credentials are looked at when they are asked for: one that is missing gives an
 * Error that names the setting, from there; `container` says who has them where they are not given. Undefined where there is no region, which Lambda always sets.
 */
export function readAws(env: Readonly<Record<string, string | undefined>> = process.env) {
  const settings = awsSchema.parse(env)
  const region = settings.AWS_REGION ?? settings.AWS_DEFAULT_REGION
  if (region === undefined) return undefined
  return {
    region,
    endpoints: {
      all: settings.AWS_ENDPOINT_URL,
      s3: settings.AWS_ENDPOINT_URL_S3,
      ssm: settings.AWS_ENDPOINT_URL_SSM,
      secretsmanager: settings.AWS_ENDPOINT_URL_SECRETS_MANAGER,
      eks: settings.AWS_ENDPOINT_URL_EKS,
    },
    container: containerOf(settings),
    credentials: async () => {
      const now = awsSchema.parse(env)
      return {
        accessKeyId: given(now, 'AWS_ACCESS_KEY_ID'),
        secretAccessKey: given(now, 'AWS_SECRET_ACCESS_KEY'),
        sessionToken: now.AWS_SESSION_TOKEN,
      }
    },
  }
}

/** The addresses are those of the SDKs; relative ones are ECS's. */
function containerOf(settings: z.output<typeof awsSchema>) {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = settings
  const url = path === undefined ? full : `http://169.254.170.2${path}`
  if (url === undefined || settings.AWS_ACCESS_KEY_ID !== undefined) return undefined
  return {
    url,
    token: settings.AWS_CONTAINER_AUTHORIZATION_TOKEN,
    tokenFile: settings.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
  }
}

function given(settings: z.output<typeof awsSchema>, name: keyof z.output<typeof awsSchema>): string {
  const value = settings[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

const clustersSchema = z.object({ FAIRLEAD_CLUSTERS: setting })

/** The clusters as configured, or a reference to that; undefined where none are. A Worker's variable may be JSON itself. */
export function readClusters(env: Readonly<Record<string, unknown>> = process.env): string | undefined {
  const { FAIRLEAD_CLUSTERS: given } = env
  const text = typeof given === 'object' && given !== null ? JSON.stringify(given) : given
  return clustersSchema.parse({ FAIRLEAD_CLUSTERS: text }).FAIRLEAD_CLUSTERS
}

const inventorySchema = z.object({ FAIRLEAD_INVENTORY: setting })

/** `s3://bucket/prefix`; undefined where none is configured. */
export const readInventory = (
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined => inventorySchema.parse(env).FAIRLEAD_INVENTORY

/** One setting by its name: a cluster's token may be in it (`env:NAME`). */
export const readNamed = (
  name: string,
  env: Readonly<Record<string, unknown>> = process.env,
): string | undefined => setting.safeParse(env[name]).data

/** A binding of a Worker that requests go through: a Workers VPC service, another Worker. Undefined where there is none. */
export function readFetcher(name: string, env: Readonly<Record<string, unknown>>) {
  // Made here: functions that have no bindings are spared what it is made of.
  const fetcher = z.custom<{ fetch(url: string, init: RequestInit): Promise<Response> }>(
    (binding) => typeof binding === 'object' && binding !== null && 'fetch' in binding,
  )
  return fetcher.safeParse(env[name]).data
}

const ingressSchema = z.object({
  /** JSON: who may tell of changes, and of which cluster (`lib/ingress/senders.ts`). */
  FAIRLEAD_INGRESS: z.string().optional(),
})

/** Who may tell the ingress of changes, as text; undefined where nobody is configured. */
export function readIngress(env: Readonly<Record<string, unknown>> = process.env): string | undefined {
  return ingressSchema.parse(env).FAIRLEAD_INGRESS
}

const queueKeysSchema = z.object({
  /** `id=base64url` of 32 bytes at least, one or two of them separated by a comma. */
  FAIRLEAD_QUEUE_KEYS: z.string().optional(),
})

/** The keys of those who may see and redrive what was given up, as text; undefined where nobody may. */
export function readQueueKeys(env: Readonly<Record<string, unknown>> = process.env): string | undefined {
  return queueKeysSchema.parse(env).FAIRLEAD_QUEUE_KEYS
}

const queueKeySchema = z.object({
  /** One secret of FAIRLEAD_QUEUE_KEYS, in base64url. */
  FAIRLEAD_QUEUE_KEY: z
    .string('is not set: one secret of FAIRLEAD_QUEUE_KEYS, without its "id="')
    .regex(
      /^[\w-]{43,4096}=*$/,
      'must be one secret of FAIRLEAD_QUEUE_KEYS, in base64url, without its "id="',
    ),
})

/** The key to show to a queue elsewhere. Throws an Error that names the setting and the rule. */
export function readQueueKey(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const parsed = queueKeySchema.safeParse(env)
  if (!parsed.success) throw new Error(problemText(parsed.error.issues))
  return parsed.data.FAIRLEAD_QUEUE_KEY
}
