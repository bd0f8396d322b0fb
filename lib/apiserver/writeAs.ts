/**
 * Creates and updates by this server's own controllers. They go the way of every client's: webhooks are asked, the object is
 * validated, and managedFields name the controller.
 */
import { copyOf } from './fields/json.ts'
import { controllerUser, type User } from './auth/user.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { metadataText } from './metadata.ts'
import { type Server, timestamp } from './server.ts'
import { conflict } from './status.ts'
import type { Entry } from './store.ts'
import { Overtaken } from './write/again.ts'
import { createObject } from './write/create.ts'
import type { Outcome, Writing } from './write/outcome.ts'
import { updateObject } from './write/update.ts'

/** Who writes, and as which field manager. */
export interface Author {
  readonly user: User
  readonly manager: string
}

/** A controller of kube-controller-manager, by its service account. */
export const controllerAuthor = (account: string): Author => ({
  user: controllerUser(account),
  manager: 'kube-controller-manager',
})

/** No write takes longer (endpoints/handlers, requestTimeoutUpperBound). */
const LONGEST_MILLISECONDS = 34_000

const writingBy = (server: Server, { user, manager }: Author): Writing => ({
  manager,
  now: timestamp(server),
  asking: {
    user,
    options: {},
    dryRun: false,
    deadline: server.clock.now() + LONGEST_MILLISECONDS,
    warn: () => {},
  },
  options: { dryRun: false, fieldManager: '', force: false, fieldValidation: 'Ignore' },
})

/** Rejects with what a client would be answered. The object stays as it is. */
export const createAs = (
  server: Server,
  author: Author,
  type: ResourceType,
  object: JsonObject,
): Promise<Outcome> =>
  createObject(
    server,
    { type, namespace: metadataText(object, 'namespace') },
    copyOf(object),
    writingBy(server, author),
  )

/**
 * Replaces an entry that was just read (`objectOf`), through a subresource or without one. Rejects with what a client would be
 * answered, and with 409 when the entry is no longer the current one. The object stays as it is.
 */
export async function updateAs(
  server: Server,
  author: Author,
  { type, entry, subresource = '' }: { type: ResourceType; entry: Entry; subresource?: string },
  object: JsonObject,
): Promise<Outcome> {
  const { namespace, name } = entry
  const route = { type, namespace, name, subresource, watch: false }
  try {
    return await updateObject(server, { route, entry }, copyOf(object), writingBy(server, author))
  } catch (error) {
    if (error instanceof Overtaken) throw conflict(type, name)
    throw error
  }
}
