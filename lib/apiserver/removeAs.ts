/** Deletions by this server's own controllers: webhooks are asked as they are for everybody's. */
import { deletionBy } from './admission/asking.ts'
import type { User } from './auth/user.ts'
import { converted } from './conversion/convert.ts'
import type { DeleteOptions } from './deleteOptions.ts'
import type { ResourceType } from './resource.ts'
import { findEntry, type Server } from './server.ts'
import { conflict } from './status.ts'
import type { Entry } from './store.ts'
import { admitRemoval, removeFound } from './write/remove.ts'

/**
 * Deletes the entry: at once when no webhook is meant, and then the result is undefined. Rejects with what webhooks say, with 409 when the entry was replaced while they were asked, and with 500
 * when it cannot be shown to them.
 */
export function removeAs(
  server: Server,
  { type, entry }: { type: ResourceType; entry: Entry },
  user: User,
  options: DeleteOptions,
): Promise<void> | undefined {
  const asking = deletionBy(server, user, options)
  const admit = () => admitRemoval(server, { type, entry, name: entry.name }, options, asking)
  const reading = converted(server, type, [entry])
  const admitted = reading === undefined ? admit() : reading.then(admit)
  const remove = () => {
    if (findEntry(server, type, entry.namespace, entry.name) !== entry) throw conflict(type, entry.name)
    removeFound(server, type, entry, options)
  }
  if (admitted !== undefined) return admitted.then(remove)
  remove()
  return undefined
}
