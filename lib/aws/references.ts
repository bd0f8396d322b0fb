/**
 * Values that are kept elsewhere: `ssm:/path` (SSM Parameter Store, decrypted) and `secretsmanager:ID` (Secrets Manager, the
 * secret's text) in, the value out, remembered for a while. `ID` and a parameter's name may be ARNs, also of another region.
 */
import { type Aws, awsFailure, endpointOf } from '../aws.ts'
import type { Clock } from '../clock.ts'

/**
 * Answers with the value of a reference, not older than `maxAgeSeconds` (default 300). Where it cannot be read anew, an older
 * one serves; 0 asks for the newest or an error, which names the reference and never the value.
 */
export type ReadReference = (reference: string, maxAgeSeconds?: number) => Promise<string>

interface Known {
  readonly value: string
  readonly at: number
}

const MAX_AGE_SECONDS = 300
/** More references than a deployment has: a bound, not a limit to work with. */
const MOST_KNOWN = 256
/** Secrets Manager's own limit. */
const LONGEST = 65_536

/** A reader of references, whose memory lasts as long as it does. Concurrent questions are one request. */
export function referenceReader({ aws, clock }: { aws: Aws; clock: Clock }): ReadReference {
  const known = new Map<string, Known>()
  const running = new Map<string, Promise<string>>()

  const read = async (reference: string): Promise<string> => {
    const value = await fetchValue(aws, reference)
    const [oldest] = known.keys()
    if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest)
    known.set(reference, { value, at: clock.now() })
    return value
  }
  const readOnce = (reference: string): Promise<string> => {
    const reading = running.get(reference) ?? read(reference).finally(() => running.delete(reference))
    running.set(reference, reading)
    return reading
  }

  return async (reference, maxAgeSeconds = MAX_AGE_SECONDS) => {
    const last = known.get(reference)
    if (last !== undefined && clock.now() - last.at < maxAgeSeconds * 1000) return last.value
    try {
      return await readOnce(reference)
    } catch (error) {
      if (last !== undefined && maxAgeSeconds > 0) return last.value
      throw error
    }
  }
}

async function fetchValue(aws: Aws, reference: string): Promise<string> {
  const [scheme, id] = [
    reference.slice(0, reference.indexOf(':')),
    reference.slice(reference.indexOf(':') + 1),
  ]
  if (scheme === 'ssm') {
    const answer = await call(
      aws,
      { service: 'ssm', target: 'AmazonSSM.GetParameter', id },
      { Name: id, WithDecryption: true },
    )
    return textOf((answer.Parameter as { Value?: unknown } | undefined)?.Value, reference)
  }
  if (scheme !== 'secretsmanager')
    throw new Error(`"${scheme}:" is no reference: ssm: and secretsmanager: are`)
  const answer = await call(
    aws,
    { service: 'secretsmanager', target: 'secretsmanager.GetSecretValue', id },
    { SecretId: id },
  )
  return textOf(answer.SecretString, reference)
}

async function call(
  aws: Aws,
  { service, target, id }: { readonly service: string; readonly target: string; readonly id: string },
  input: object,
): Promise<Readonly<Record<string, unknown>>> {
  const region = /^arn:[^:]+:[^:]+:([^:]+):/.exec(id)?.[1] ?? aws.region
  const response = await aws.fetch(service, {
    method: 'POST',
    url: `${endpointOf(aws, service, region)}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
    region,
  })
  if (!response.ok) throw await awsFailure(service, response, `${target.replace(/^.*\./, '')} ${id}`)
  const answer: unknown = await response.json().catch(() => undefined)
  if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>
  throw new Error(`${service} answered ${id} with something that is not JSON`)
}

function textOf(value: unknown, reference: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${reference} has no text as its value`)
  if (value.length > LONGEST) throw new Error(`${reference}: the value is longer than ${LONGEST} characters`)
  return value
}
