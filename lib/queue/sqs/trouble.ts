/** What went wrong with a call to SQS, as whoever has to do something about it can use it: the queue, the setting, the way out. */

/** The same error, explained. Never quotes messages or credentials: of the answer only its code is told. */
export function explained(
  error: unknown,
  { queue, setting }: { readonly queue: string; readonly setting?: string | undefined },
): Error {
  const name = error instanceof Error ? error.name : String(error)
  const text = error instanceof Error ? error.message : ''
  if (error instanceof RegionError)
    return new Error(`SQS queue ${queue} (${setting ?? 'its URL'}) ${error.message}`)
  const where = setting === undefined ? `SQS queue ${queue}` : `SQS queue ${queue} (${setting})`
  return new Error(explanation(name, text, { where, queue, setting: setting ?? 'its URL' }), { cause: error })
}

interface Where {
  readonly where: string
  readonly queue: string
  readonly setting: string
}

function explanation(name: string, text: string, { where, queue, setting }: Where): string {
  const region = regionOf(queue)
  if (/NonExistentQueue|QueueDoesNotExist/.test(name)) return `${where} does not exist: check ${setting}`
  if (
    name === 'CredentialsProviderError' ||
    /credentials/i.test(name) ||
    /Could not load credentials/.test(text)
  )
    return `${where}: no AWS credentials: give the function a role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
  if (/Region is missing/.test(text))
    return `${where}: no AWS region: set AWS_REGION${region && ` to ${region}`}`
  if (/SignatureDoesNotMatch|InvalidSignature|AuthorizationHeaderMalformed|IncompleteSignature/.test(name))
    return `${where}: the signature is refused: is AWS_REGION ${region || "the queue's"}, and the clock right?`
  if (/ExpiredToken|InvalidClientTokenId|UnrecognizedClient/.test(name))
    return `${where}: the AWS credentials are not valid any more, or not here: ${name}`
  if (/AccessDenied/.test(name)) return `${where}: the role may not do this: ${name}`
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|TimeoutError|ETIMEDOUT/.test(`${name} ${codeOf(text)}`))
    return `${where} cannot be reached: ${codeOf(text) || name}: check ${setting}, AWS_REGION and the network`
  return `${where}: ${name}`
}

/** The client signs for a region: with another than the queue's, AWS answers with something about signatures. */
export function refuseOtherRegion(queue: string, region: string): void {
  const own = regionOf(queue)
  if (own !== '' && own !== region)
    throw new RegionError(`is in ${own}, and AWS_REGION says ${region}: set it to ${own}`)
}

class RegionError extends Error {}

/** `eu-west-1` in `https://sqs.eu-west-1.amazonaws.com/...`; empty where the URL is another. */
const regionOf = (queue: string): string =>
  /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(queue)?.[1] ?? ''

const codeOf = (text: string): string => /\bE[A-Z_]{4,}\b/.exec(text)?.[0] ?? ''
