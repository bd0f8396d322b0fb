/** What the command line of `npm run infra:aws` gives, checked; ends the process with 2 and the rule on what cannot be meant. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { refuse } from '../../functions/program.ts'
import { isReference } from './references.ts'
import type { EksCluster } from './settings.ts'

/** Lambda's limit for an environment is 4 KB, names and queue URLs included. */
const MOST_BYTES = 3000

export function check(name: string, value: string | undefined, pattern: RegExp, rule: string): void {
  if (value !== undefined && !pattern.test(value)) refuse(`--${name} ${rule}, got ${value}\n`)
}

export function checkReference(name: string, value: string): void {
  if (isReference(value)) return
  // It may be the secret itself: it is not repeated.
  refuse(
    `--${name} must be ssm:/path/of/parameter or secretsmanager:NAME-OR-ARN: no template holds secrets\n`,
  )
}

/** A reference as it is, or what a file holds, as one line. */
export function readSetting(name: string, value: string): string {
  if (isReference(value)) return value
  const given = readObject(name, value)
  // The keys of senders (`hmac`) are the one secret that such a setting can hold.
  if (Object.values(given).some((one) => z.object({ hmac: z.unknown() }).safeParse(one).success))
    refuse(`--${name}: ${value} has keys (hmac): put it into a parameter, and give ssm:/path\n`)
  const text = JSON.stringify(given)
  if (Buffer.byteLength(text) <= MOST_BYTES) return text
  refuse(
    `--${name}: ${value} has more than ${MOST_BYTES} bytes: put it into a parameter, and give ssm:/path\n`,
  )
}

function readObject(name: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const { data } = z.record(z.string(), z.unknown()).safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (data !== undefined) return data
  } catch {
    // The parser's own message quotes the text.
  }
  refuse(`--${name} must be a file with a JSON object, or a reference, got ${file}\n`)
}

/** As `FAIRLEAD_CLUSTERS` has them. */
const eksSchema = z.object({
  eks: z.string(),
  region: z.string().optional(),
  server: z.string().optional(),
  ca: z.string().optional(),
})

/** The EKS clusters among those of a file; what a reference holds is not known here. */
export function eksIn(clusters: string): EksCluster[] {
  if (isReference(clusters)) return []
  return Object.values(JSON.parse(clusters) as Record<string, unknown>).flatMap((value) => {
    const { data } = eksSchema.safeParse(value)
    if (data === undefined) return []
    const { eks: name, region, server, ca } = data
    return [{ name, region, isAddressed: server !== undefined && ca !== undefined }]
  })
}
