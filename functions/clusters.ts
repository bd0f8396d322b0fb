/** AWS, references and clusters from the environment: what every function on AWS begins with. */
import { type Clusters, parseClusters } from '../lib/clusters.ts'
import type { Aws } from '../lib/aws.ts'
import { containerCredentials } from '../lib/aws/container.ts'
import { type ReadReference, referenceReader } from '../lib/aws/references.ts'
import { signedAws } from '../lib/aws/sign.ts'
import { systemClock as clock } from '../lib/clock.ts'
import { openClusters } from '../lib/kube/clusters.ts'
import { isReference } from '../lib/reference.ts'
import { readAws, readClusters, readNamed } from './env.ts'

export interface FunctionAws {
  readonly aws: Aws
  readonly readReference: ReadReference
}

/** AWS with the credentials of the environment, and what reads references with them. Throws where AWS_REGION is not set. */
export function openAws(): FunctionAws {
  const found = findAws()
  if (found === undefined) throw new Error('AWS_REGION is not set')
  return found
}

function findAws(): FunctionAws | undefined {
  const settings = readAws()
  if (settings === undefined) return undefined
  const { container, credentials } = settings
  const aws = signedAws({
    ...settings,
    credentials: container === undefined ? credentials : containerCredentials(container),
  })
  return { aws, readReference: referenceReader({ aws, clock }) }
}

/**
 * The clusters of FAIRLEAD_CLUSTERS as it says now; where it is a reference, not longer ago than `maxAgeSeconds` (default 300; 0
 * asks for the newest). Rejects with an Error that names the setting where it is absent or cannot be meant, or what is wrong with
 * the reference, never a value. A failure is not to be remembered: ask again.
 */
export type ReadClusters = (maxAgeSeconds?: number) => Promise<Clusters>

/**
 * A reader that answers with the same clusters until the setting has changed, and connects none before it is asked for. It
 * closes nothing that it replaces, because calls may be under way there: connections end by themselves once they are idle.
 */
export function clustersReader(userAgent: string): ReadClusters {
  const found = findAws()
  let current: { readonly text: string; readonly clusters: Clusters } | undefined
  return async (maxAgeSeconds) => {
    const setting = readClusters()
    if (setting === undefined)
      throw new Error('FAIRLEAD_CLUSTERS is not set: it names the clusters and says how each is reached')
    const text = isReference(setting)
      ? await (found ?? openAws()).readReference(setting, maxAgeSeconds)
      : setting
    if (current?.text !== text) {
      const using = { ...found, readEnv: readNamed, clock, userAgent }
      current = { text, clusters: openClusters(parseClusters(text), using) }
    }
    return current.clusters
  }
}
