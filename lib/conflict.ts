/**
 * What to do about a lost race: decide again on the newest state, a few times, at once. The reference is client-go's
 * `retry.DefaultRetry` (5 tries, 10 ms apart); ours spreads the waits, because the rival is often a worker like us.
 */
import { type Clock, sleep } from './clock.ts'
import { isConflict } from './kube.ts'

/**
 * Whether a write came too late, so that reading again may help. An apply without `force` that finds fields of other managers is
 * a Conflict too (KEP-555), but one that stays.
 */
export const isLostRace = (error: unknown): boolean =>
  isConflict(error) && !error.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict')

/** How often a conflicted step is tried before the queue takes over. */
export const CONFLICT_TRIES = 5

/**
 * Runs `step` until it does not end in a conflict, at most {@link CONFLICT_TRIES} times, 10-20 ms apart; then throws the
 * last conflict. `step` must read again on each try (it is told which try it is, from 0): writing the old decision with a
 * newer resourceVersion would undo what the rival wrote. Every other error is thrown at once.
 */
export async function retryOnConflict<T>(
  step: (attempt: number) => Promise<T>,
  timing: { clock: Clock; random: () => number },
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await step(attempt)
    } catch (error) {
      if (!isLostRace(error) || attempt + 1 >= CONFLICT_TRIES) throw error
      await sleep(timing.clock, 10 + 10 * timing.random(), signal)
    }
  }
}
