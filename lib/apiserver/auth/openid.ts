/** What others need to verify tokens of this server by themselves: OpenID discovery and the public keys. */
import { jsonAnswer } from '../render.ts'
import type { Answer, ApiRequest, Server } from '../server.ts'
import { methodNotAllowed, unknownResource } from '../status.ts'
import { ISSUER } from './token.ts'

const KEYS_PATH = '/openid/v1/jwks'
const CONFIGURATION_PATH = '/.well-known/openid-configuration'

/** The answer, or undefined when the path is none of these. Throws 404 and 405. */
export function handleOpenId(server: Server, request: ApiRequest): Answer | undefined {
  const path = `/${request.segments.join('/')}`
  const found = [KEYS_PATH, CONFIGURATION_PATH].find((one) => path === one || path.startsWith(`${one}/`))
  if (found === undefined) return undefined
  if (path !== found) throw unknownResource()
  if (request.method !== 'GET') throw methodNotAllowed()
  if (found === CONFIGURATION_PATH) return jsonAnswer(200, JSON.stringify(configurationFor(request)))
  return { ...jsonAnswer(200, JSON.stringify(server.keys.jwks())), contentType: 'application/jwk-set+json' }
}

const configurationFor = ({ headers }: ApiRequest) => ({
  issuer: ISSUER,
  jwks_uri: `http://${headers.host ?? '127.0.0.1'}${KEYS_PATH}`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
})
