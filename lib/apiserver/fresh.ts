/** Reads that are "not older than" a revision of the future wait for it a moment, as those of the watch cache do. */
import type { Server } from './server.ts'
import { tooLargeVersion } from './status.ts'

/** storage/cacher, blockTimeout. */
const PATIENCE_MILLISECONDS = 3_000
/** When a client may come again for a version that was not reached. */
export const RETRY_SECONDS = 1

/** Undefined, at once, when that revision is reached. Rejects with 504 when it is not within three seconds. */
export function untilFresh(server: Server, revision: bigint | number): Promise<void> | undefined {
  if (revision <= server.store.revision) return undefined
  return new Promise<void>((resolve, reject) => {
    const onChange = () => {
      if (revision <= server.store.revision) finish(resolve)
    }
    const finish = (settle: () => void) => {
      server.store.listeners.delete(onChange)
      server.ends.delete(end)
      cancel()
      settle()
    }
    const end = () => finish(() => reject(tooLargeVersion(revision, server.store.revision, RETRY_SECONDS)))
    const cancel = server.clock.after(PATIENCE_MILLISECONDS, end)
    server.store.listeners.add(onChange)
    server.ends.add(end)
  })
}
