/** How a webhook answers what it is sent: a review of an admission or of a conversion in, the review with its response out. */
import { isObject, type Json, type JsonObject } from './json.ts'
import { holds, lookup, put } from './pointer.ts'
import type { Webhook, WebhookAnswer } from './scenario.ts'

/** The first rule whose condition fits the review, else the webhook's own answer. */
export const ruleFor = (webhook: Webhook, body: Json): WebhookAnswer =>
  webhook.rules?.find(({ when }) => holds({ ...when, status: undefined }, { body })) ?? webhook

/** The review that answers a review. */
export function answerReview(rule: WebhookAnswer, review: Json): JsonObject {
  const asked = isObject(review) ? review : {}
  const isConversion = asked.kind === 'ConversionReview'
  return {
    ...(asked.apiVersion === undefined ? {} : { apiVersion: asked.apiVersion }),
    kind: isConversion ? 'ConversionReview' : 'AdmissionReview',
    ...rule.review,
    response: isConversion ? convert(rule, asked) : admit(rule, asked),
  }
}

const uidOf = (review: JsonObject): JsonObject => {
  const uid = lookup(review, '/request/uid')
  return uid === undefined ? {} : { uid }
}

function admit(rule: WebhookAnswer, review: JsonObject): JsonObject {
  const response: JsonObject = { ...uidOf(review), allowed: true, ...rule.response }
  const { patch } = response
  // A patch is written as JSON in a scenario and sent as the API has it.
  if (Array.isArray(patch)) response.patch = Buffer.from(JSON.stringify(patch)).toString('base64')
  return response
}

function convert(rule: WebhookAnswer, review: JsonObject): JsonObject {
  const desired = String(lookup(review, '/request/desiredAPIVersion'))
  const objects = lookup(review, '/request/objects')
  const convertedObjects = (Array.isArray(objects) ? objects : [])
    .filter(isObject)
    .map((object) => convertObject(rule, object, desired))
  return { ...uidOf(review), convertedObjects, result: { status: 'Success' }, ...rule.response }
}

function convertObject(rule: WebhookAnswer, object: JsonObject, desired: string): JsonObject {
  const steps = rule.convert?.[`${versionOf(String(object.apiVersion))}->${versionOf(desired)}`] ?? []
  const converted = { ...structuredClone(object), apiVersion: desired }
  for (const [operation, pointer, value] of steps)
    change(converted, String(operation), String(pointer), value)
  return converted
}

const versionOf = (apiVersion: string): string | undefined => apiVersion.split('/').at(-1)

/** `move` takes a pointer as its value; what is not there is not moved. */
function change(object: JsonObject, operation: string, pointer: string, value: Json | undefined): void {
  const moved = operation === 'move' ? lookup(object, pointer) : undefined
  if (operation === 'set') put(object, pointer, value)
  if (operation === 'remove' || moved !== undefined) put(object, pointer, undefined)
  if (moved !== undefined) put(object, String(value), moved)
}
