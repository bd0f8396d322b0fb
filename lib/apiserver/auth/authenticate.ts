/**
 * Who asks: from the headers of a request to a user. Without credentials that is the administrator; a bearer token has to be
 * one of a service account that this server has issued. The token itself goes no further.
 */
import type { ApiRequest, Server } from '../server.ts'
import { StatusError } from '../status.ts'
import { AUDIENCES } from './token.ts'
import { ADMINISTRATOR, type User } from './user.ts'
import { verifyToken } from './verify.ts'

/** Throws 401. */
export function authenticate(server: Server, { headers }: ApiRequest): User {
  const token = bearerOf(headers.authorization)
  if (token === undefined) return ADMINISTRATOR
  const verdict = verifyToken(server, token, AUDIENCES)
  if (verdict.type === 'proved') return verdict.user
  throw new StatusError(401, 'Unauthorized', { reason: 'Unauthorized' })
}

/** The token of an Authorization header, or undefined for one of another scheme: that says nothing here. */
function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const [scheme = '', token = ''] = header.trim().split(' ')
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined
}
