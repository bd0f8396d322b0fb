/** The format of a transcript, and how a file becomes one: what is no transcript of this format is refused by name. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { Json } from './json.ts'
import { parseJson } from './json.ts'

const json = z.custom<Json>((value) => value !== undefined)
const headers = z.record(z.string(), z.string().nullable())

const request = z.object({
  method: z.string(),
  path: z.string(),
  headers: headers.optional(),
  body: json.optional(),
})

const expected = z.object({
  status: z.number(),
  headers: z.record(z.string(), json),
  body: json.optional(),
  pick: z.record(z.string(), json).optional(),
  mask: z.record(z.string(), z.string()).optional(),
  bodyIgnored: z.string().optional(),
})

const condition = z.object({
  status: z.number().optional(),
  pointer: z.string().optional(),
  equals: json.optional(),
  exists: z.boolean().optional(),
})

const base = {
  id: z.string(),
  note: z.string().optional(),
  setup: z.boolean().optional(),
  anyOrder: z.array(z.string()).optional(),
}
const masks = z.record(z.string(), z.string()).optional()

const requestStep = z.object({ ...base, request, response: expected })
const waitStep = z.object({
  ...base,
  wait: z.object({ path: z.string(), headers: headers.optional() }),
  until: z.array(condition),
  withinSeconds: z.number(),
  response: expected,
})
const openStep = z.object({
  ...base,
  watch: z.object({ open: z.string(), path: z.string(), headers: headers.optional() }),
  response: expected,
})
const readStep = z.object({
  ...base,
  watch: z.object({ read: z.string() }),
  events: z.array(json),
  bookmark: json.optional(),
  end: z.enum(['open', 'client', 'server']),
  withinSeconds: z.number().optional(),
  mask: masks,
})
const callsStep = z.object({
  ...base,
  calls: z.array(json),
  distinct: z.boolean().optional(),
  mask: masks,
})
const pauseStep = z.object({ ...base, pause: z.object({ seconds: z.number() }) })
const compactStep = z.object({ ...base, compact: z.literal(true) })

const answer = z.object({
  response: z.record(z.string(), json).optional(),
  review: z.record(z.string(), json).optional(),
  delayMs: z.number().optional(),
  httpStatus: z.number().optional(),
  raw: z.string().optional(),
  contentType: z.string().optional(),
  convert: z.record(z.string(), z.array(z.array(json))).optional(),
})
const webhook = answer.extend({ rules: z.array(answer.extend({ when: condition })).optional() })

const scenario = z.object({
  format: z.literal(1),
  name: z.string(),
  area: z.string(),
  about: z.string(),
  kubernetes: z.string(),
  webhooks: z.record(z.string(), webhook).optional(),
  steps: z.array(z.union([requestStep, waitStep, openStep, readStep, callsStep, pauseStep, compactStep])),
  cleanup: z.array(z.string()).optional(),
})

export type Request = z.infer<typeof request>
export type Expected = z.infer<typeof expected>
export type RequestStep = z.infer<typeof requestStep>
export type WaitStep = z.infer<typeof waitStep>
export type OpenStep = z.infer<typeof openStep>
export type ReadStep = z.infer<typeof readStep>
export type CallsStep = z.infer<typeof callsStep>
export type PauseStep = z.infer<typeof pauseStep>
export type CompactStep = z.infer<typeof compactStep>
/** One of the kinds of steps; which one is told by its fields. */
export type Step = RequestStep | WaitStep | OpenStep | ReadStep | CallsStep | PauseStep | CompactStep
/** How a webhook answers a review: the first of `rules` that fits, else what it says itself. */
export type Webhook = z.infer<typeof webhook>
export type WebhookAnswer = z.infer<typeof answer>
export type Scenario = z.infer<typeof scenario>

/** Reads a transcript. Throws, naming the file and the place, where it is none of format 1. */
export function readScenario(file: string): Scenario {
  return parseScenario(parseJson(readFileSync(file, 'utf8')), file)
}

/** The same for what a file holds; `name` is how errors call it. */
export function parseScenario(value: unknown, name: string): Scenario {
  const parsed = scenario.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`${name}: no transcript of format 1: /${issue?.path.join('/') ?? ''}: ${issue?.message}`)
}

/** A step in a few words: its request, or what it waits for. */
export function describeStep(step: Step): string {
  if ('request' in step) return `${step.request.method} ${step.request.path}`
  if ('wait' in step) return `wait ${step.wait.path}`
  if ('events' in step) return `read watch ${step.watch.read}`
  if ('watch' in step) return `open watch ${step.watch.path}`
  if ('calls' in step) return 'webhook calls'
  return 'pause' in step ? 'pause' : 'compact'
}

/** A pause or a compaction asks nothing, so it is no exchange. */
export const isExchange = (step: Step): boolean => !('pause' in step || 'compact' in step)
