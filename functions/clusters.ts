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

/** The value of a setting that may be a reference. Rejects with what is wrong with the reference, never with a value. */
export async function resolveSetting(setting: string, open: () => FunctionAws = openAws): Promise<string> {
  return isReference(setting) ? await open().readReference(setting) : setting
}

/**
 * The clusters of FAIRLEAD_CLUSTERS. Rejects with an Error that names the setting where it is absent or cannot be meant; no
 * cluster is connected before it is asked for. A failure is not to be remembered: call it again.
 */
export async function openFunctionClusters(
  userAgent: string,
  found: FunctionAws | undefined = findAws(),
): Promise<Clusters> {
  const setting = readClusters()
  if (setting === undefined)
    throw new Error('FAIRLEAD_CLUSTERS is not set: it names the clusters and says how each is reached')
  const config = parseClusters(await resolveSetting(setting, () => found ?? openAws()))
  return openClusters(config, { ...found, readEnv: readNamed, clock, userAgent })
}
