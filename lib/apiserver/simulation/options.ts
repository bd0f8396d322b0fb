/** How the simulated nodes treat pods: what a user of the server may say about it. */
import type { Json, JsonObject } from '../resource.ts'
import { stringAt } from '../schema/equal.ts'

/**
 * What becomes of a pod. 'ready': it becomes ready, or succeeds where it is to end (restartPolicy Never and OnFailure). 'never':
 * it starts and gets no further. 'fail': its containers end with exit code 1, and are started again where the pod says so.
 */
export type Outcome = 'ready' | 'never' | 'fail'

export interface WorkloadOptions {
  /**
   * Seconds, by the server's clock, from the start of a pod until it is ready, has ended or has failed; 0 (the default) means
   * at once. Counted from `status.startTime`, which has whole seconds.
   */
  readonly readyAfterSeconds?: number
  /** Seconds that a deleted pod takes to stop, at most its grace period; 0 (the default) means at once. */
  readonly stopAfterSeconds?: number
  /**
   * Asked whenever a pod is looked at: when it changes, and when its time has come. The annotation `fairlead.dev/outcome` of
   * the pod comes before it. The pod is not to be changed.
   */
  readonly outcome?: (pod: { readonly [key: string]: Json }) => Outcome
}

/** On a pod (or its template): how it turns out, for those who have no callback to give. */
export const OUTCOME = 'fairlead.dev/outcome'

const OUTCOMES: readonly string[] = ['ready', 'never', 'fail'] satisfies Outcome[]

const isOutcome = (text: string): text is Outcome => OUTCOMES.includes(text)

/** What becomes of this pod, by its annotation, else by the callback, else 'ready'. */
export function outcomeOf(pod: JsonObject, { outcome }: WorkloadOptions): Outcome {
  const told = stringAt(pod, 'metadata', 'annotations', OUTCOME)
  return isOutcome(told) ? told : (outcome?.(pod) ?? 'ready')
}
