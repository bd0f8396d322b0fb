/** Paths beside the API: the list of paths, the version of the server, and its health. */
import { groupsOf, versionsOf } from './groups.ts'
import { parseAccept } from './negotiate.ts'
import { jsonAnswer, textAnswer } from './render.ts'
import type { Answer, ApiRequest, Server } from './server.ts'
import { methodNotAllowed, StatusError, unknownResource } from './status.ts'

/** The answer, or undefined when the path is none of these. Throws 404, 405 and 406. */
export function handlePlain(server: Server, request: ApiRequest): Answer | undefined {
  const [root = '', check, ...rest] = request.segments
  if ((root === '' || root === 'index.html') && check === undefined)
    return jsonAnswer(200, JSON.stringify({ paths: paths(server) }))
  if (root === 'version') return version(request, check)
  if (!HEALTH.has(root) || rest.length > 0 || request.path.endsWith('/')) return undefined
  if (check !== undefined && check !== 'ping') return undefined
  if (check === undefined && request.query.has('verbose'))
    return textAnswer(200, `[+]ping ok\n[+]storage ok\n${root} check passed\n`)
  return textAnswer(200, 'ok')
}

const HEALTH = new Set(['healthz', 'livez', 'readyz'])

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

function version(request: ApiRequest, rest: string | undefined): Answer {
  if (rest !== undefined) throw unknownResource()
  if (request.method !== 'GET') throw methodNotAllowed()
  const types = parseAccept(request.headers.accept).map(({ type }) => type)
  if (!types.some((type) => type === 'application/json' || type === '*/*'))
    throw new StatusError(406, '406: Not Acceptable\n\nAvailable representations: application/json', {
      reason: 'NotAcceptable',
      details: {},
    })
  return jsonAnswer(200, JSON.stringify(VERSION, null, 2))
}

const paths = ({ registry }: Server): string[] =>
  [
    '/.well-known/openid-configuration',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...groupsOf(registry).flatMap((group) => [
      `/apis/${group}`,
      ...versionsOf(registry, group).map((version) => `/apis/${group}/${version}`),
    ]),
    ...[...HEALTH].flatMap((name) => [`/${name}`, `/${name}/ping`]),
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/version',
  ].sort()
