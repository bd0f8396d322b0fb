/** The door: whoever asks is known and may do what they ask for, or is sent away before anybody looks for the thing itself. */
import type { ApiRequest, Server } from '../server.ts'
import { accessOf } from './access.ts'
import { authenticate } from './authenticate.ts'
import { impersonate } from './impersonate.ts'
import { demand } from './rbac.ts'
import { ADMINISTRATOR, type User } from './user.ts'
import { wantedUser, wantsToImpersonate } from './wanted.ts'

/** The user that the request is made as. Throws 400, 401 and 403. */
export function admitUser(server: Server, request: ApiRequest): User {
  const isImpersonating = wantsToImpersonate(request)
  if (request.headers.authorization === undefined && !isImpersonating) return ADMINISTRATOR
  const asker = authenticate(server, request)
  const access = accessOf(request)
  const wanted = isImpersonating ? wantedUser(request) : undefined
  const user = wanted === undefined ? asker : impersonate(server, { asker, access, wanted })
  demand(server, user, access)
  return user
}
