/** One call of a conversion webhook: an object in one version goes out, the same in another comes back. */
import { struct } from '../kinds/dsl.ts'
import type { Json, JsonObject, Schema } from '../resource.ts'
import { isObject, listAt, stringAt } from '../schema/equal.ts'
import type { Server } from '../server.ts'
import { internal } from '../status.ts'
import { callWebhook } from '../webhook/call.ts'
import { WebhookFailure } from '../webhook/failure.ts'
import { REVIEW_VERSIONS } from '../webhook/reply.ts'
import type { Conversion } from './conversion.ts'
import { checkIdentity, restoreMetadata } from './restore.ts'

const GROUP = 'apiextensions.k8s.io'

/** conversion/webhook_converter.go: the timeout of all conversions. */
const TIMEOUT_SECONDS = 30

const CALL = {
  timeoutSeconds: TIMEOUT_SECONDS,
  timeoutText: 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
}

/** `ConversionReview`, as far as answers fill it. */
const CONVERSION_REVIEW: Schema = struct('ConversionReview', {
  kind: 'string',
  apiVersion: 'string',
  response: struct('ConversionResponse', {
    uid: { type: 'string', 'x-go-type': 'types.UID' },
    convertedObjects: { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } },
    result: struct('Status', { status: 'string', message: 'string' }),
  }),
})

/** Rejects with 500 when the webhook gives no such object. */
export async function askForConversion(
  server: Server,
  conversion: Conversion,
  object: JsonObject,
  desired: string,
): Promise<JsonObject> {
  const webhook = `conversion webhook for ${stringAt(object, 'apiVersion')}, Kind=${stringAt(object, 'kind')}`
  const objects = await convertedObjects(server, conversion, object, desired).catch((error: unknown) => {
    throw failed(`${webhook} failed:`, error)
  })
  if (objects.length !== 1) throw internal(`${webhook} returned ${objects.length} objects, expected 1`)
  const [converted = null] = objects
  try {
    return fitted(object, converted, desired)
  } catch (error) {
    throw failed(`${webhook} returned`, error)
  }
}

/** 500 without a reason: the real server wraps nothing. */
const failed = (words: string, error: unknown): unknown =>
  error instanceof WebhookFailure ? internal(`${words} ${error.message}`) : error

async function convertedObjects(
  server: Server,
  { client, reviewVersions }: Conversion,
  object: JsonObject,
  desired: string,
): Promise<Json[]> {
  const version = reviewVersions.find((one) => REVIEW_VERSIONS.includes(one)) ?? 'v1'
  const uid = server.newUid()
  const review: JsonObject = {
    kind: 'ConversionReview',
    apiVersion: `${GROUP}/${version}`,
    request: { uid, desiredAPIVersion: desired, objects: [object] },
    // Go writes the field that is for the answer too.
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  }
  const expected = { group: GROUP, version, kind: 'ConversionReview', schema: CONVERSION_REVIEW }
  const answer = await callWebhook(server, { config: client, ...CALL }, review, expected)
  const response = answer?.response
  if (answer === undefined || !isObject(response)) throw new WebhookFailure('no response provided')
  if (version === 'v1') verify(answer, response, uid)
  if (stringAt(response, 'result', 'status') !== 'Success')
    throw new WebhookFailure(stringAt(response, 'result', 'message'))
  return listAt(response, 'convertedObjects')
}

/** v1beta1 never looked at these. */
function verify(answer: JsonObject, response: JsonObject, uid: string): void {
  const apiVersion = stringAt(answer, 'apiVersion')
  const kind = stringAt(answer, 'kind')
  if (apiVersion !== `${GROUP}/v1` || kind !== 'ConversionReview') {
    const named = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
    throw new WebhookFailure(
      `expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${named}, Kind=${kind}`,
    )
  }
  const given = stringAt(response, 'uid')
  if (given !== uid)
    throw new WebhookFailure(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`)
}

/** The answer for `original`, which its metadata belongs to. Throws {@link WebhookFailure} in words that follow "returned". */
function fitted(original: JsonObject, converted: Json, desired: string): JsonObject {
  if (!isObject(converted)) throw new WebhookFailure('invalid object at index 0: no object')
  const apiVersion = stringAt(converted, 'apiVersion')
  if (apiVersion !== desired)
    throw new WebhookFailure(
      `invalid object at index 0: invalid groupVersion (expected ${desired}, received ${apiVersion})`,
    )
  const kind = stringAt(original, 'kind')
  if (converted.kind !== kind)
    throw new WebhookFailure(
      `invalid object at index 0: invalid kind (expected ${kind}, received ${stringAt(converted, 'kind')})`,
    )
  worded('invalid object', () => checkIdentity(original, converted))
  return worded('invalid metadata', () => restoreMetadata(original, converted))
}

function worded<T>(words: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error
    throw new WebhookFailure(`${words}: ${error.message}`, { cause: error })
  }
}
