/**
 * The operator under torture: two kinds, one with cleanup and one without, that write down what is done to their objects
 * before it is done and after. What is written stays written, however the process ends.
 */
import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import {
  ConfigMap,
  type Context,
  defineController,
  defineKind,
  defineOperator,
  type Key,
  keyText,
  type ObjectOf,
  type Operator,
  type Result,
} from '../../lib/index.ts'
import { pageFor } from '../site.ts'

const group = 'torture.fairlead.dev'
const versions = {
  v1: {
    storage: true,
    spec: z.object({
      round: z.int(),
      pages: z.array(z.string()),
      /** Look again after so long; absent: only when something changes. */
      periodSeconds: z.number().optional(),
      /** How long the work outside the cluster takes. */
      workMs: z.int().default(0),
    }),
    status: z.object({ round: z.int().optional() }),
  },
} as const

/** Goes without a word when it is deleted. */
export const Probe = defineKind({ group, kind: 'Probe', scope: 'Namespaced', versions })
/** Is cleaned up when it is deleted. */
export const Hold = defineKind({ group, kind: 'Hold', scope: 'Namespaced', versions })
type Subject = ObjectOf<typeof Probe> | ObjectOf<typeof Hold>

/** A line of the journal. Times are milliseconds since the epoch. */
export interface Entry {
  /** `repass`: the same run once more, after a lost race. */
  readonly type: 'begin' | 'repass' | 'end' | 'failed' | 'gone' | 'finalized'
  readonly at: number
  readonly pid: number
  /** `Probe default/p-1` */
  readonly key: string
  readonly uid?: string
  /** Of an end: when it is to be looked at again. */
  readonly dueAt?: number
}

/** An entry but for who wrote it, and when. */
export type Noted = Omit<Entry, 'at' | 'pid'>

/** The operator. What `note` was given is written down when it returns, or resolves. */
export function tortureOperator(note: (entry: Noted) => Promise<void> | void): Operator {
  // All passes of one run share its signal.
  const runs = new WeakSet<AbortSignal>()
  const reconcileAs = (kind: string) => async (object: Subject, context: Context) => {
    const { metadata, spec } = object
    const about = { key: `${kind} ${keyText(metadata)}`, uid: metadata.uid }
    await note({ type: runs.has(context.signal) ? 'repass' : 'begin', ...about })
    runs.add(context.signal)
    try {
      if (spec.workMs > 0) await wait(spec.workMs)
      await context.apply(spec.pages.map((page) => pageFor(page)))
    } catch (error) {
      await note({ type: 'failed', ...about })
      throw error
    }
    context.status({ round: spec.round })
    const { periodSeconds } = spec
    const dueAt = periodSeconds === undefined ? {} : { dueAt: Date.now() + periodSeconds * 1000 }
    await note({ type: 'end', ...about, ...dueAt })
    return periodSeconds === undefined ? undefined : { afterSeconds: periodSeconds }
  }
  const probe = reconcileAs('Probe')
  const hold = reconcileAs('Hold')
  const common = { owns: [ConfigMap], quietSeconds: 0.05, events: 'failures' } as const
  return defineOperator('torture', [
    defineController(Probe, {
      ...common,
      reconcile: (object, context): Promise<Result> => probe(object, context),
      gone: (key: Key) => note({ type: 'gone', key: `Probe ${keyText(key)}` }),
    }),
    defineController(Hold, {
      ...common,
      reconcile: (object, context): Promise<Result> => hold(object, context),
      finalize: ({ metadata }) =>
        note({ type: 'finalized', key: `Hold ${keyText(metadata)}`, uid: metadata.uid }),
    }),
  ])
}
