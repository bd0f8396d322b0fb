/**
 * How long to wait after a failure. One number comes out; counting failures and deciding to give up happen in `work`.
 */

export interface BackoffPolicy {
  /** Nominal wait after the first failure. */
  readonly baseSeconds: number
  /** No wait is longer. */
  readonly capSeconds: number
}

/** 5 ms x 2^n up to 1000 s: controller-runtime's default per-item limiter. The cap is reached at the 19th failure. */
export const defaultBackoff: BackoffPolicy = { baseSeconds: 0.005, capSeconds: 1000 }

/** Past this exponent a double overflows; every sensible cap has been reached long before. */
const MAX_EXPONENT = 1023

/**
 * Seconds to wait after a failure that `attempt` counted failures came before (0: this is the first one, nominally 5 ms).
 * Jitter is "equal": evenly spread over the upper half of the nominal wait, so that keys which failed together come back
 * apart, while no wait is below half its nominal value (no hot loop) or above the cap. `random` gives [0, 1).
 */
export function backoffSeconds(
  attempt: number,
  random: () => number,
  policy: BackoffPolicy = defaultBackoff,
): number {
  const exponent = Math.min(Math.max(attempt, 0), MAX_EXPONENT)
  const nominal = Math.min(policy.baseSeconds * 2 ** exponent, policy.capSeconds)
  return nominal * (0.5 + random() / 2)
}
