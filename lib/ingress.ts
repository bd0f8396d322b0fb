/**
 * Changes that arrive by webhook: one parsed body in, messages out, or the rules that it breaks. Our own batches of messages,
 * CloudEvents of Knative's ApiServerSource, and audit events. All or nothing; no input or output of its own.
 */
import * as z from 'zod'
import { isLabel } from './kind/names.ts'
import { keyOf, type Message, messageSchema } from './message.ts'
import { eventListSchema, isEventList, readAuditEvent } from './notice/audit.ts'
import { readCloudEvent } from './notice/cloudevents.ts'
import { type Notice, type Problem, problemsOf, type Reading } from './notice/reading.ts'
import { wake } from './notice/wake.ts'
import type { Operator } from './operator.ts'
import { mergeWakes, toMessage } from './relay/message.ts'

export type { Problem } from './notice/reading.ts'

/** Entries of a batch at most. */
export const MOST_ENTRIES = 1_000

/** Bytes of a body at most. */
export const MOST_BYTES = 1024 * 1024

/** Seconds that a sender may have a message wait: a year. */
const LONGEST_DELAY = 365 * 24 * 3600

/** A message of a sender. It counts no tries, and tells no time by its own clock: a `notBefore` is dropped. */
const sentSchema = messageSchema
  .extend({ delaySeconds: z.number().min(0).max(LONGEST_DELAY).optional() })
  .transform(({ notBefore: _theirs, ...message }): Message => ({ ...message, attempt: 0 }))

/** How a body is to be read: plain JSON (our batch, an audit EventList), a CloudEvent, a batch of them. */
export type Format = 'json' | 'cloudevent' | 'cloudevents'

export type Acceptance =
  | {
      readonly type: 'accepted'
      readonly messages: readonly Message[]
      /** Entries that no controller is told of, counted by the reason for people. */
      readonly ignored: Readonly<Record<string, number>>
    }
  /** Nothing of it is taken. 400: not a batch; 403: of another cluster than the sender's; 413: too many; 422: an entry. */
  | { readonly type: 'refused'; readonly code: 400 | 403 | 413 | 422; readonly problems: readonly Problem[] }

/**
 * Accepts a body of a sender who speaks for `cluster`, and for no other. The same body gives the same messages.
 * Messages made of events say nothing of a `resourceVersion`: they may arrive out of order, and a worker that reads a
 * state "not older than" the older one would miss the newer.
 */
export function accept(body: unknown, format: Format, operator: Operator, cluster: string): Acceptance {
  if (format === 'cloudevent') return acceptNotices([body], readCloudEvent, operator, cluster)
  if (format === 'cloudevents') {
    const events = z.array(z.unknown()).safeParse(body)
    return events.success
      ? acceptNotices(events.data, readCloudEvent, operator, cluster)
      : misshapen(events.error)
  }
  if (isEventList(body)) {
    const list = eventListSchema.safeParse(body)
    return list.success
      ? acceptNotices(list.data.items, readAuditEvent, operator, cluster)
      : misshapen(list.error)
  }
  const batch = z.object({ messages: z.array(z.unknown()) }).safeParse(body)
  return batch.success ? acceptMessages(batch.data.messages, operator, cluster) : misshapen(batch.error)
}

const misshapen = (error: z.ZodError): Acceptance => ({
  type: 'refused',
  code: 400,
  problems: problemsOf(error, undefined, 'body'),
})

const tooMany: Acceptance = {
  type: 'refused',
  code: 413,
  problems: [{ field: 'body', rule: `must have ${MOST_ENTRIES} entries at most` }],
}

function acceptMessages(entries: readonly unknown[], operator: Operator, cluster: string): Acceptance {
  if (entries.length > MOST_ENTRIES) return tooMany
  const parsed = entries.map((entry) => sentSchema.safeParse(entry))
  const messages = parsed.flatMap(({ data }) => (data === undefined ? [] : [data]))
  const problems = parsed.flatMap(({ error, data }, index) =>
    data === undefined ? problemsOf(error, index) : problemsIn(data, index, operator),
  )
  if (problems.length > 0) return { type: 'refused', code: 422, problems }
  const strangers = messages.flatMap((message, index) =>
    message.cluster === cluster ? [] : [{ index, field: 'cluster', rule: "must be the sender's" }],
  )
  if (strangers.length > 0) return { type: 'refused', code: 403, problems: strangers }
  return { type: 'accepted', messages, ignored: {} }
}

/** What no worker could do anything with would only be parked: here the sender hears of it. */
function problemsIn({ controller, ...message }: Message, index: number, operator: Operator): Problem[] {
  const isKnown = operator.controllers.some(({ name }) => name === controller)
  return [
    ...(isKnown ? [] : [{ index, field: 'controller', rule: `must be one of operator "${operator.name}"` }]),
    ...keyProblems(message, index),
  ]
}

/** Names are segments of paths, and parts of the queue's keys. */
function keyProblems({ namespace, name }: Pick<Message, 'namespace' | 'name'>, index: number): Problem[] {
  return [
    ...(namespace === undefined || isLabel(namespace)
      ? []
      : [{ index, field: 'namespace', rule: 'must be an RFC 1123 label' }]),
    ...(/^(?!\.{1,2}$)[^/%|\p{Cc}]+$/u.test(name)
      ? []
      : [{ index, field: 'name', rule: 'must not be a path, and have no "|" and no control characters' }]),
  ]
}

type Read = (entry: unknown, index: number) => Reading

function acceptNotices(
  entries: readonly unknown[],
  read: Read,
  operator: Operator,
  cluster: string,
): Acceptance {
  if (entries.length > MOST_ENTRIES) return tooMany
  const gathering: Gathering = { messages: new Map(), ignored: {}, problems: [] }
  for (const [index, entry] of entries.entries()) {
    const reading = read(entry, index)
    if (reading.type === 'refused') gathering.problems.push(...reading.problems)
    else if (reading.type === 'ignored') ignore(gathering, reading.because)
    else gatherNotice(gathering, { notice: reading.notice, index, operator, cluster })
  }
  const { messages, ignored, problems } = gathering
  if (problems.length > 0) return { type: 'refused', code: 422, problems }
  return { type: 'accepted', messages: [...messages.values()], ignored }
}

function gatherNotice(
  gathering: Gathering,
  {
    notice,
    index,
    operator,
    cluster,
  }: { notice: Notice; index: number; operator: Operator; cluster: string },
): void {
  const woken = wake(notice, operator)
  if (woken.type === 'refused') gathering.problems.push({ index, ...woken.problem })
  else if (woken.type === 'ignored') ignore(gathering, woken.because)
  // An audit log has names that no key can hold (`a|b` of a ClusterRole): no reason to lose what stands beside them.
  else if (keyProblems(notice.key, index).length > 0) ignore(gathering, 'a name that no key can hold')
  else for (const one of woken.wakes) gather(gathering, toMessage(one, cluster, 'change', notice.origin))
}

interface Gathering {
  readonly messages: Map<string, Message>
  readonly ignored: Record<string, number>
  readonly problems: Problem[]
}

function ignore({ ignored }: Gathering, because: string): void {
  ignored[because] = (ignored[because] ?? 0) + 1
}

/** One message for each key. */
function gather({ messages }: Gathering, message: Message): void {
  const key = keyOf(message)
  const known = messages.get(key)
  messages.set(key, known === undefined ? message : mergeWakes(known, message))
}
