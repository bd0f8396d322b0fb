/**
 * Events of an API server's audit log (audit.k8s.io/v1), as its webhook backend posts them: requests, not states. A write that
 * succeeded tells that an object changed. What has no name there is ignored: `deletecollection` at every level, and creates by
 * `generateName` unless the level is `RequestResponse`. Nor does the log know what the garbage collector's cascade means.
 */
import * as z from 'zod'
import { groupOf } from '../kube.ts'
import { originOf, ownersSchema } from './cloudevents.ts'
import { ignored, type Notice, problemsOf, type Reading, toKey } from './reading.ts'

const part = (most: number) => z.string().max(most).optional()

const eventSchema = z.object({
  stage: z.string().max(63),
  verb: z.string().max(63),
  objectRef: z
    .object({
      resource: part(253),
      namespace: part(63),
      name: part(253),
      apiGroup: part(253),
      subresource: part(63),
    })
    .optional(),
  responseStatus: z.object({ code: z.int().optional() }).optional(),
  responseObject: z.unknown().optional(),
})

/** At the level `RequestResponse`: the object as it was stored, or a Status. */
const responseSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string().min(1).max(253),
    uid: z.string().max(128).optional(),
    resourceVersion: z.string().max(64).optional(),
    ownerReferences: ownersSchema.optional(),
  }),
})

const CHANGES: Readonly<Record<string, Notice['change']>> = {
  create: 'created',
  update: 'changed',
  patch: 'changed',
  delete: 'deleted',
  deletecollection: 'deleted',
}

/** Subresources of which a request changes nothing that is stored: streams, and tokens. */
const CONNECTIONS = ['attach', 'exec', 'log', 'portforward', 'proxy', 'token']

/** Whether a body is an EventList, of whatever version. */
export const isEventList = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'EventList'

export const eventListSchema = z.object({
  apiVersion: z.literal('audit.k8s.io/v1'),
  items: z.array(z.unknown()),
})

/** Reads the event at this place of a list. */
export function readAuditEvent(value: unknown, index: number): Reading {
  const parsed = eventSchema.safeParse(value)
  if (!parsed.success) return { type: 'refused', problems: problemsOf(parsed.error, index) }
  const { stage, verb, objectRef, responseStatus, responseObject } = parsed.data
  if (stage !== 'ResponseComplete') return ignored('another stage')
  const change = Object.hasOwn(CHANGES, verb) ? CHANGES[verb] : undefined
  if (change === undefined) return ignored('a verb that changes nothing')
  if (!((responseStatus?.code ?? 599) < 300)) return ignored('a request that failed')
  if (!objectRef?.resource || CONNECTIONS.includes(objectRef.subresource ?? '')) return ignored('no object')
  return readWrite({ ...objectRef, plural: objectRef.resource, change, response: objectOf(responseObject) })
}

type StoredObject = z.infer<typeof responseSchema>

interface Write {
  readonly apiGroup?: string | undefined
  readonly plural: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
  readonly change: Notice['change']
  readonly response: StoredObject | undefined
}

function readWrite({ apiGroup, plural, namespace, subresource, change, response, ...write }: Write): Reading {
  const group = apiGroup ?? ''
  // A subresource answers with something else (a Scale), a deletion perhaps with a Status.
  const isIt = !subresource && response !== undefined && groupOf(response.apiVersion) === group
  const stored =
    isIt && (write.name || response.metadata.name) === response.metadata.name ? response : undefined
  const name = write.name || stored?.metadata.name
  if (!name) return ignored('no name (a deletecollection, or a create by generateName)')
  const notice: Notice = {
    group,
    plural,
    key: toKey(name, namespace),
    // A subresource is deleted or created without its object.
    change: subresource ? 'changed' : change,
    isStatus: subresource === 'status',
    // objectRef.resourceVersion is the version that was sent, not the one that was made.
    origin: stored && originOf(stored.metadata, change),
    owners: stored && (stored.metadata.ownerReferences ?? []),
  }
  return { type: 'notice', notice }
}

/** An answer that cannot be read says nothing more than the reference does. */
function objectOf(value: unknown): StoredObject | undefined {
  const parsed = responseSchema.safeParse(value)
  return parsed.success && parsed.data.kind !== 'Status' ? parsed.data : undefined
}
