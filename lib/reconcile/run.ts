/**
 * One pass over one object: what an author's function is given, and what it leaves behind (children, status, occurrences).
 * A pass that loses a race is thrown away, its Events with it, and made anew on the newest state. Only what it has done to
 * children stays done, and is told of by the pass that succeeds.
 */
import { apply, type Deed, deedsText } from '../apply.ts'
import { type KubeObject, isNotFound } from '../kube.ts'
import { keyText } from '../message.ts'
import type { Context, Controller, Result } from '../operator.ts'
import type { Occurrence } from '../record.ts'
import type { Report } from '../report.ts'
import { unlessAborted } from './deadline.ts'
import type { Session } from './session.ts'
import { type Conclusion, statusPatch } from './status.ts'

/** What a pass has, and gathers. */
export interface Run<T extends KubeObject> {
  readonly controller: Controller<T>
  readonly object: T
  readonly session: Session
  readonly signal: AbortSignal
  readonly report: Report
  /** No pass over the object was ever begun. */
  readonly isNew: boolean
  /** The version of the object that passes before this one, or its finalizer, had written: this pass may have read an older one. */
  readonly writtenBefore: string | undefined
  /** There will be no further pass, not even for a lost race. */
  readonly isFinal: boolean
  readonly action: 'Reconcile' | 'Finalize'
  readonly fields: Record<string, unknown>
  readonly occurrences: Occurrence[]
  /** By this pass and those before it that lost a race. */
  readonly deeds: Deed[]
}

/** Calls the author's function and checks what it returns. Rejects with what it throws, or when the signal aborts. */
export async function callAuthor<T extends KubeObject>(
  run: Run<T>,
  author: (object: T, context: Context<T>) => Promise<Result> | Result,
): Promise<Result> {
  const result = await unlessAborted(author(run.object, contextOf(run)), run.signal)
  const after = result?.afterSeconds
  if (after !== undefined && !(Number.isFinite(after) && after >= 0))
    throw new Error(`Controller "${run.controller.name}": afterSeconds must be >= 0, got ${after}`)
  return result
}

function contextOf<T extends KubeObject>(run: Run<T>): Context<T> {
  const { controller, object, session, signal } = run
  let applied = false
  const occur = (type: Occurrence['type'], reason: string, note: string) =>
    run.occurrences.push({ regarding: object, type, reason, action: run.action, note })
  const did = (deed: Deed) => {
    run.deeds.push(deed)
    run.report({ type: 'applied', kind: deed.kind, key: keyText(deed.key), action: deed.action })
  }
  const context: Pick<Context<T>, 'status' | 'event' | 'api' | 'signal'> & { apply: typeof applyOnce } = {
    apply: applyOnce,
    status: (fields) => void Object.assign(run.fields, fields),
    event: {
      normal: (reason, note) => void occur('Normal', reason, note),
      warning: (reason, note) => void occur('Warning', reason, note),
    },
    api: session.api,
    signal,
  }
  async function applyOnce(children: Parameters<typeof apply>[0]) {
    if (applied)
      throw new Error(`Controller "${controller.name}": apply must be called once, with all the children`)
    applied = true
    return apply(children, { object, controller, api: session.api, isNew: run.isNew, did })
  }
  return context as Context<T>
}

/** The Events of a finished pass: the author's, and one for what was done to the children, if the controller wants it. */
export function occurrencesOf<T extends KubeObject>(run: Run<T>): readonly Occurrence[] {
  if (run.deeds.length === 0 || run.controller.events === 'failures') return run.occurrences
  const reason = run.deeds.every((deed) => deed.action === 'pruned') ? 'Pruned' : 'Applied'
  const deeds: Occurrence = {
    regarding: run.object,
    type: 'Normal',
    reason,
    action: run.action,
    note: deedsText(run.deeds),
  }
  return [...run.occurrences, deeds]
}

/**
 * Writes the status if it would change; an object that is gone needs none. The version that the pass saw (or wrote itself) is the
 * precondition: a status is never claimed for a spec that nobody has looked at.
 */
export async function writeStatus<T extends KubeObject>(
  run: Run<T>,
  conclusion: Conclusion,
  { session, now }: { session: Session; now: number },
): Promise<void> {
  const { controller, object } = run
  const patch = statusPatch(object, run.fields, {
    conclusion: controller.kind.ownStatus ? conclusion : undefined,
    now,
  })
  if (patch === undefined) return
  const { uid } = object.metadata
  const written = run.session.written(controller.kind, object.metadata)
  const isOwnWrite = written !== undefined && written !== run.writtenBefore
  const resourceVersion = isOwnWrite ? written : object.metadata.resourceVersion
  try {
    await session.api.patch(
      controller.kind,
      object.metadata,
      { type: 'merge', body: { metadata: { uid, resourceVersion }, status: patch } },
      { subresource: 'status', fieldManager: controller.fieldManager },
    )
  } catch (error) {
    if (isNotFound(error)) return
    throw error
  }
  run.report({ type: 'applied', kind: controller.kind.kind, key: keyText(object.metadata), action: 'status' })
}
