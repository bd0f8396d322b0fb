/** The path on the local AWS: bundled functions against an embedded API server, and what they tell. */
import {
  type Functions,
  type LocalAws,
  type LocalAwsSettings,
  startLocalAws,
} from '../../infra/aws/local/aws.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/aws/functions.ts'
import type { Happening, Operator } from '../../lib/index.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { scratchFolder } from '../scratch.ts'

export interface AwsPath extends Cluster {
  readonly aws: LocalAws
  readonly happenings: readonly Happening[]
  /** Resolves with the first happening, past or coming, that `matches`. */
  seen(matches: (happening: Happening) => boolean): Promise<Happening>
}

interface AwsPathOptions extends Partial<LocalAwsSettings> {
  readonly only: readonly FunctionName[]
  /** Whose CRDs are installed. */
  readonly kinds: Operator
}

/** Starts both; the functions named in `only` are bundled. */
export async function startAwsPath({ only, kinds, ...settings }: AwsPathOptions): Promise<AwsPath> {
  const cluster = await startCluster(kinds)
  const happenings: Happening[] = []
  const waiters = new Set<(happening: Happening) => void>()
  const log = (_name: string, line: string) => {
    const happening = parse(line)
    if (happening === undefined) return
    happenings.push(happening)
    for (const waiter of waiters) waiter(happening)
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
    happenings,
    seen: async (matches) =>
      happenings.find(matches) ??
      (await new Promise((resolve) => {
        const waiter = (happening: Happening) => {
          if (!matches(happening)) return
          waiters.delete(waiter)
          resolve(happening)
        }
        waiters.add(waiter)
      })),
    async [Symbol.asyncDispose]() {
      await aws.close()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

function parse(line: string): Happening | undefined {
  if (!line.startsWith('{"type"')) return undefined
  return JSON.parse(line) as Happening
}
