/**
 * What clients ask before they know what is served: versions, groups, resources (plain and aggregated), health, the version
 * of the server. OpenAPI is in `openapi.ts`.
 */
import { handleOpenApi } from './openapi.ts'
import {
  aggregatedGroup,
  aggregatedGroupsOf,
  apiGroup,
  groupsOf,
  resourceList,
  versionsOf,
} from './groups.ts'
import { parseAccept } from './negotiate.ts'
import { jsonAnswer, textAnswer } from './render.ts'
import type { Answer, ApiRequest, Server } from './server.ts'
import { methodNotAllowed, StatusError, unknownResource } from './status.ts'

/** The answer, or undefined when the path is none of these. Throws 404, 405 and 406. */
export function handleDiscovery(server: Server, request: ApiRequest): Answer | undefined {
  const { segments } = request
  const [root, second, third] = segments
  const isApi = root === 'api' || root === 'apis'
  if (isApi && segments.length > (root === 'api' ? 2 : 3)) return undefined
  const answer = isApi
    ? apiDocument(server, request, root === 'api' ? [second, undefined] : [second, third])
    : (plainDocument(server, request) ?? handleOpenApi(server, request))
  if (answer !== undefined && request.method !== 'GET' && isRouted(server, segments)) throw methodNotAllowed()
  return answer
}

/** Does a router stand before the document? Others answer whatever the method is. */
const isRouted = ({ registry }: Server, [root, group = '']: readonly string[]): boolean =>
  root === 'api' || root === 'version' || (root === 'apis' && registry.builtinGroups.has(group))

const HEALTH = new Set(['healthz', 'livez', 'readyz'])

function plainDocument(server: Server, request: ApiRequest): Answer | undefined {
  const [root = '', check, ...rest] = request.segments
  if (root === '' && check === undefined) return jsonAnswer(200, JSON.stringify({ paths: paths(server) }))
  if (root === 'version' && check === undefined) return jsonAnswer(200, JSON.stringify(VERSION, null, 2))
  if (!HEALTH.has(root) || rest.length > 0 || request.path.endsWith('/')) return undefined
  if (check !== undefined && check !== 'ping') return undefined
  if (check === undefined && request.query.has('verbose'))
    return textAnswer(200, `[+]ping ok\n[+]storage ok\n${root} check passed\n`)
  return textAnswer(200, 'ok')
}

/** The version whose behaviour is followed. */
const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2+fairlead',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'gc',
  platform: `${process.platform}/${process.arch}`,
}

const paths = (server: Server): string[] => [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  ...groupsOf(server.registry).flatMap((group) => [
    `/apis/${group}`,
    ...versionsOf(server.registry, group).map((version) => `/apis/${group}/${version}`),
  ]),
  '/healthz',
  '/healthz/ping',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
]

function apiDocument(
  server: Server,
  request: ApiRequest,
  [group, version]: [string | undefined, string | undefined],
): Answer | undefined {
  const isCore = request.segments[0] === 'api'
  if (group === undefined) return rootDocument(server, request, isCore)
  const { registry } = server
  refuseAggregated(request)
  if (isCore) {
    if (group !== 'v1') throw unknownResource()
    return jsonAnswer(200, JSON.stringify(resourceList(registry, '', 'v1')))
  }
  const versions = versionsOf(registry, group)
  if (versions.length === 0) return undefined
  if (version === undefined) return jsonAnswer(200, JSON.stringify(apiGroup(registry, group, true)))
  if (!versions.includes(version)) {
    if (registry.builtinGroups.has(group)) throw unknownResource()
    return undefined
  }
  return jsonAnswer(200, JSON.stringify(resourceList(registry, group, version)))
}

const AGGREGATED = 'APIGroupDiscoveryList'

function rootDocument(server: Server, request: ApiRequest, isCore: boolean): Answer {
  const version = aggregatedVersion(request)
  if (version !== undefined) {
    const groups = isCore ? [''] : aggregatedGroupsOf(server.registry)
    return {
      status: 200,
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=${AGGREGATED}`,
      body: JSON.stringify({
        kind: AGGREGATED,
        apiVersion: `apidiscovery.k8s.io/${version}`,
        metadata: {},
        items: groups.map((group) => aggregatedGroup(server.registry, group)),
      }),
    }
  }
  if (isCore) {
    const host = request.headers.host ?? '127.0.0.1'
    const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress: host }]
    return jsonAnswer(
      200,
      JSON.stringify({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses }),
    )
  }
  const list = groupsOf(server.registry).map((group) => apiGroup(server.registry, group, false))
  return jsonAnswer(200, JSON.stringify({ kind: 'APIGroupList', apiVersion: 'v1', groups: list }))
}

const notAcceptable = () =>
  new StatusError(
    406,
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    { reason: 'NotAcceptable' },
  )

/** The version of aggregated discovery that the client takes first; undefined for the plain form. Throws 406. */
function aggregatedVersion(request: ApiRequest): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(request.headers.accept)) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    if (parameters.as === undefined) return undefined
    if (parameters.as !== AGGREGATED || parameters.g !== 'apidiscovery.k8s.io') continue
    if (parameters.v === 'v2' || parameters.v === 'v2beta1') return parameters.v
  }
  throw notAcceptable()
}

/** Only `/api` and `/apis` have an aggregated form. */
function refuseAggregated(request: ApiRequest): void {
  const { accept } = request.headers
  if (accept?.includes('as=') !== true) return
  if (!parseAccept(accept).some((clause) => clause.parameters.as === undefined)) throw notAcceptable()
}
