/** The AWS of a torture: the bundled functions with the operator under torture, and times short enough for many kills. */
import { join } from 'node:path'
import { type LocalAws, startLocalAws } from '../../../infra/aws/local/aws.ts'
import { FUNCTIONS } from '../../../infra/aws/functions.ts'
import type { Stint } from '../check.ts'
import type { Stage } from '../stage.ts'

/**
 * A message whose function was killed comes back when its visibility ends. AWS advises six times the function's timeout, for
 * invocations that it throttles meanwhile; what must not happen is that a message comes back while its function still runs, and
 * for that it has to exceed the timeout and a cold start, here where nobody is throttled.
 */
export const VISIBILITY_SECONDS = { ready: 11, others: 8 } as const
const TIMEOUT_SECONDS = { work: 8, promote: 6, relay: 20, resync: 30 } as const
/** Every key once more, in the background. */
const RESYNC_SECONDS = 15

export interface Cloud {
  readonly aws: LocalAws
  /** Every process that there was; those that are alive end now. */
  stints(): Stint[]
}

/** Runs on the API server of a stage until `aws` is closed. `log` is told each line of a function. */
export async function openCloud(
  { serverUrl, journal, folder }: Stage,
  log: (name: string, line: string) => void,
): Promise<Cloud> {
  const { work, promote, relay, resync } = FUNCTIONS
  const aws = await startLocalAws({
    clusters: JSON.stringify({ default: { server: serverUrl } }),
    functions: { work, promote, relay, resync },
    operator: 'test/torture/aws/operator.ts',
    env: { TORTURE_JOURNAL: journal },
    folder: join(folder, 'bundles'),
    timeoutSeconds: TIMEOUT_SECONDS,
    visibilitySeconds: VISIBILITY_SECONDS,
    relaySeconds: 0,
    resyncSeconds: RESYNC_SECONDS,
    log,
  })
  return {
    aws,
    stints: () =>
      Object.values(aws.functions).flatMap((fn) =>
        fn
          .lives()
          .map(({ pid = 0, startedAt, endedAt = Date.now() }) => ({ pid, readyAt: startedAt, endedAt })),
      ),
  }
}
