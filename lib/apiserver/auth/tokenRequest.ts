/**
 * A token for a service account, on request (kubernetes/pkg/registry/core/serviceaccount/storage/token.go): checked, bound to
 * a pod, a secret or a node where that is asked for, and signed.
 */
import { metadataOf, metadataText, withMetadata } from '../metadata.ts'
import { findKind } from '../registry.ts'
import type { Json, JsonObject } from '../resource.ts'
import { at, isObject, listAt, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { invalid as invalidField } from '../schema/problem.ts'
import { findEntry, type Server } from '../server.ts'
import { badRequest, conflict, invalid, notFound } from '../status.ts'
import { admitIntoNamespace } from '../write/check.ts'
import type { Asked, Question } from './question.ts'
import { AUDIENCES, type Grant, issueToken, type Reference } from './token.ts'

const KIND = { group: 'authentication.k8s.io', kind: 'TokenRequest' }

const MIN_SECONDS = 600
const MAX_SECONDS = 2 ** 32

/** The lifetime that a kubelet asks for; tokens of pods that do so live a year, so that old clients have time to learn. */
const PROJECTED_SECONDS = 3607
const EXTENDED_SECONDS = 365 * 24 * 60 * 60

/** Fills the metadata with that of the account; the answer carries the token. */
export const tokenRequest: Question = {
  check(server, { object, route, now }) {
    const { type, namespace, name } = route
    admitIntoNamespace(server, type, namespace, name)
    checkNames(object, route)
    const account = findEntry(server, type, namespace, name)
    if (account === undefined) throw notFound(type, name)
    const uid = metadataText(account.object, 'uid')
    const asked = metadataText(object, 'uid')
    if (asked !== '' && asked !== uid)
      throw conflict(
        { ...KIND, plural: KIND.kind },
        name,
        `the UID in the token request (${asked}) does not match the UID of the service account (${uid})`,
      )
    const audiences = listAt(object, 'spec', 'audiences')
    const spec = {
      ...objectAt(object, 'spec'),
      audiences: audiences.length === 0 ? [...AUDIENCES] : audiences,
    }
    const filled = withMetadata({ ...object, spec }, { name, namespace, uid, creationTimestamp: now })
    checkLifetime(secondsOf(filled))
    return { ...filled, status: { token: '', expirationTimestamp: null } }
  },
  answer(server, asked) {
    const seconds = secondsOf(asked.object)
    const expires = new Date(server.clock.now() + seconds * 1000).toISOString()
    return {
      ...asked.object,
      status: {
        token: issueToken(server, grantOf(server, asked)),
        expirationTimestamp: `${expires.slice(0, 19)}Z`,
      },
    }
  },
}

const secondsOf = (object: JsonObject): number => numberAt(object, 'spec', 'expirationSeconds') ?? 0

/** The body may repeat the path, not contradict it. */
function checkNames(object: JsonObject, { namespace, name }: Asked['route']): void {
  const own = metadataOf(object)
  for (const [field, expected] of Object.entries({ name, namespace })) {
    const given = stringAt(own, field)
    if (given === '' || given === expected) continue
    const text = `must match the service account ${field} if specified`
    throw invalid(KIND, name, [invalidField(`metadata.${field}`, given, text)])
  }
}

function checkLifetime(seconds: number): void {
  const refuse = (text: string) =>
    invalid(KIND, '', [invalidField('spec.expirationSeconds', seconds, `may not specify a duration ${text}`)])
  if (seconds < MIN_SECONDS) throw refuse('less than 10 minutes')
  if (seconds > MAX_SECONDS) throw refuse('larger than 2^32 seconds')
}

function grantOf(server: Server, asked: Asked): Grant {
  const { object, route } = asked
  const { namespace, name } = route
  const audiences = listAt(object, 'spec', 'audiences').map(String)
  const bound = boundOf(server, asked)
  const seconds = secondsOf(object)
  const isExtended =
    bound.pod !== undefined &&
    seconds === PROJECTED_SECONDS &&
    audiences.every((audience) => AUDIENCES.includes(audience))
  return {
    namespace,
    account: { name, uid: metadataText(object, 'uid') },
    audiences,
    expirationSeconds: isExtended ? EXTENDED_SECONDS : seconds,
    ...(isExtended ? { warnAfterSeconds: seconds } : {}),
    ...bound,
  }
}

type Bound = Pick<Grant, 'pod' | 'secret' | 'node'>

/** What the token is bound to. Throws 400, 404 and 409. */
function boundOf(server: Server, { object, route }: Asked): Bound {
  const reference = at(object, 'spec', 'boundObjectRef')
  if (!isObject(reference)) return {}
  const kind = stringAt(reference, 'kind')
  const name = stringAt(reference, 'name')
  const version = groupVersion(stringAt(reference, 'apiVersion'))
  if (!version.startsWith('/') || !BINDABLE.has(kind))
    throw badRequest(`cannot bind token to object of type ${version}, Kind=${kind}`)
  if (name === '') throw badRequest('Name parameter required.')
  const found = objectOf(server, kind, kind === 'Node' ? '' : route.namespace, name)
  const own = referenceTo(found)
  if (kind === 'Pod' && stringAt(found, 'spec', 'serviceAccountName') !== route.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(route.name)} to pod running with different serviceaccount name.`,
    )
  const uid = stringAt(reference, 'uid')
  if (uid !== '' && uid !== own.uid)
    throw conflict(
      { group: '', kind, plural: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (kind === 'Pod') return { pod: own, ...nodeOfPod(server, found) }
  return kind === 'Node' ? { node: own } : { secret: own }
}

const BINDABLE = new Set(['Pod', 'Node', 'Secret'])

/** `apps/v1`, core: `/v1`; what is no version at all is the empty one. */
function groupVersion(apiVersion: string): string {
  const parts = apiVersion.split('/')
  if (parts.length === 2) return apiVersion
  return parts.length === 1 ? `/${apiVersion}` : '/'
}

function objectOf(server: Server, kind: string, namespace: string, name: string): JsonObject {
  const type = findKind(server.registry, 'v1', kind)
  const found = type && findEntry(server, type, namespace, name)
  if (found === undefined) throw notFound({ group: '', kind, plural: `${kind.toLowerCase()}s` }, name)
  return found.object
}

const referenceTo = (object: Json): Reference => ({
  name: stringAt(object, 'metadata', 'name'),
  uid: stringAt(object, 'metadata', 'uid'),
})

/** The node that a pod runs on: its name, also where there is no such node. */
function nodeOfPod(server: Server, pod: JsonObject): Bound {
  const name = stringAt(pod, 'spec', 'nodeName')
  const type = findKind(server.registry, 'v1', 'Node')
  const node = type && findEntry(server, type, '', name)
  if (name === '') return {}
  return { node: node === undefined ? { name, uid: '' } : referenceTo(node.object) }
}
