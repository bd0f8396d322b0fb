/** The path on the local AWS: bundled functions against an embedded API server, and what they tell. */
import {
  type Functions,
  type LocalAws,
  type LocalAwsSettings,
  startLocalAws,
} from '../../infra/aws/local/aws.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/aws/functions.ts'
import { happeningOf } from '../../infra/local/told.ts'
import type { Operator } from '../../lib/index.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { scratchFolder } from '../scratch.ts'
import { type Witness, witness } from '../witness.ts'

export interface AwsPath extends Cluster, Witness {
  readonly aws: LocalAws
}

interface AwsPathOptions extends Partial<LocalAwsSettings> {
  readonly only: readonly FunctionName[]
  /** Whose CRDs are installed. */
  readonly kinds: Operator
}

/** Starts both; the functions named in `only` are bundled. */
export async function startAwsPath({ only, kinds, ...settings }: AwsPathOptions): Promise<AwsPath> {
  const cluster = await startCluster(kinds)
  const { tell, ...seeing } = witness()
  const log = (_name: string, line: string) => {
    const happening = happeningOf(line)
    if (happening !== undefined) tell(happening)
  }
  const aws = await startLocalAws({
    log,
    clusters: JSON.stringify({ default: { server: cluster.server.url } }),
    functions: Object.fromEntries(only.map((name) => [name, FUNCTIONS[name]])) as Functions,
    folder: scratchFolder(),
    ...settings,
  })
  return {
    ...cluster,
    aws,
    ...seeing,
    async [Symbol.asyncDispose]() {
      await aws.close()
      await cluster[Symbol.asyncDispose]()
    },
  }
}
