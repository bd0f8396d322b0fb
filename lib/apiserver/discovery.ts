/**
 * What clients ask before they know what is served: groups, versions and resources, plain and aggregated. Which methods are
 * taken differs from path to path, as it does in the real server: some of its handlers do not look at them.
 */
import { documentOf } from './documents.ts'
import {
  aggregatedGroup,
  aggregatedGroupsOf,
  apiGroup,
  groupsOf,
  resourceList,
  versionsOf,
} from './groups.ts'
import { negotiateDocument, parseAccept } from './negotiate.ts'
import { jsonAnswer } from './render.ts'
import type { JsonObject } from './resource.ts'
import type { Answer, ApiRequest, Server } from './server.ts'
import { methodNotAllowed, unknownResource } from './status.ts'
import { yaml } from './yaml.ts'

/** The answer, or undefined when the path is none of these. Throws 404, 405 and 406. */
export function handleDiscovery(server: Server, request: ApiRequest): Answer | undefined {
  const { segments } = request
  const [root, second, third] = segments
  if (root === 'api' && segments.length < 3) return coreDocument(server, request, second)
  if (root !== 'apis' || segments.length > 3) return undefined
  if (second === undefined) return groupList(server, request)
  return third === undefined
    ? groupDocument(server, request, second)
    : versionDocument(server, request, second, third)
}

/** The document in the form that the client takes. Routed ones refuse other methods, and forms in other words. */
function document(request: ApiRequest, body: JsonObject, isRouted: boolean): Answer {
  if (isRouted && request.method !== 'GET') throw methodNotAllowed()
  const form = negotiateDocument(request.headers.accept, isRouted)
  if (form === 'json') return jsonAnswer(200, JSON.stringify(body))
  return {
    status: 200,
    contentType: 'application/yaml',
    body: yaml().stringify(body, { sortMapEntries: true }),
  }
}

function coreDocument(server: Server, request: ApiRequest, version: string | undefined): Answer {
  if (version !== undefined) {
    if (version !== 'v1') throw unknownResource()
    return document(request, resourceList(server.registry, '', 'v1'), true)
  }
  if (request.method !== 'GET') throw methodNotAllowed()
  const aggregated = aggregatedList(server, request, [''])
  if (aggregated !== undefined) return aggregated
  const host = request.headers.host ?? '127.0.0.1'
  const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress: host }]
  return document(
    request,
    { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses },
    true,
  )
}

function groupList(server: Server, request: ApiRequest): Answer {
  const { registry } = server
  const aggregated = aggregatedList(server, request, aggregatedGroupsOf(registry))
  if (aggregated !== undefined) return aggregated
  const groups = groupsOf(registry).map((group) => apiGroup(registry, group, false))
  return document(request, { kind: 'APIGroupList', apiVersion: 'v1', groups }, false)
}

function groupDocument({ registry }: Server, request: ApiRequest, group: string): Answer | undefined {
  if (versionsOf(registry, group).length === 0) return undefined
  return document(request, apiGroup(registry, group, true), false)
}

function versionDocument(
  { registry }: Server,
  request: ApiRequest,
  group: string,
  version: string,
): Answer | undefined {
  const isBuiltin = registry.builtinGroups.has(group)
  const types = registry.versions.get(`${group}/${version}`)
  if (types === undefined) {
    if (isBuiltin) throw unknownResource()
    return undefined
  }
  return document(request, resourceList(registry, group, version), isBuiltin)
}

const LIST = { g: 'apidiscovery.k8s.io', v: 'v2', as: 'APIGroupDiscoveryList' }
const FORMS = new Set(['application/json', 'application/yaml', 'application/*', '*/*'])

/** The aggregated form, when a clause of the Accept header names it, wherever that stands. */
function aggregatedList(server: Server, request: ApiRequest, groups: readonly string[]): Answer | undefined {
  const clause = parseAccept(request.headers.accept).find(
    ({ type, parameters }) =>
      FORMS.has(type) && Object.entries(LIST).every(([name, value]) => parameters[name] === value),
  )
  if (clause === undefined) return undefined
  const { content, hash } = documentOf(
    server.documents,
    `aggregated ${groups.length === 1 ? 'core' : ''}`,
    server.clock.now(),
    () =>
      JSON.stringify({
        kind: LIST.as,
        apiVersion: `${LIST.g}/${LIST.v}`,
        metadata: {},
        items: groups.map((group) => aggregatedGroup(server.registry, group)),
      }),
  )
  const headers = { etag: `"${hash}"`, vary: 'Accept', 'cache-control': 'public' }
  if (request.headers['if-none-match'] === headers.etag)
    return { status: 304, body: '', contentType: '', headers }
  const isYaml = clause.type === 'application/yaml'
  return {
    status: 200,
    contentType: `${isYaml ? clause.type : 'application/json'};g=${LIST.g};v=${LIST.v};as=${LIST.as}`,
    body: isYaml ? yaml().stringify(JSON.parse(String(content)), { sortMapEntries: true }) : content,
    headers,
  }
}
