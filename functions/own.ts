/** The API server that `npm start` brings along: where its objects are kept, and how it is reached. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startApiServer } from '../lib/apiserver/index.ts'
import { DatabaseError } from '../lib/database.ts'
import { type NodeDatabase, openData } from '../lib/database/node.ts'
import { type StartOptions, writeKubeconfig } from './start.ts'

/** The file in which an API server keeps its objects, for this process alone. Throws where it cannot be used, with the way out. */
export function openObjects(file: string, elsewhere: string): NodeDatabase {
  try {
    return openData({ file, owner: 'the objects of an API server', elsewhere })
  } catch (error) {
    if (error instanceof DatabaseError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`objects cannot be kept in ${file}: ${reason}: ${elsewhere}`, { cause: error })
  }
}

/** A server of this process's own. */
export interface OwnServer {
  /** A file for kubectl. */
  readonly kubeconfig: string
  /** Where this process keeps what it remembers of that server, and what that is known by. */
  readonly state: { readonly folder: string; readonly owner: string }
  close(): Promise<void>
}

/** What the state belongs to: the port, and with it the address, is another one with each start. */
const OWNER = 'an API server of its own'

const ELSEWHERE = 'choose another folder with --state, or forget everything with --memory'

/** Starts it with what the folder `state` holds or, if that is to be forgotten, with nothing. Rejects where either cannot be. */
export async function startOwn({ port, state, isForgotten }: StartOptions): Promise<OwnServer> {
  const database = isForgotten ? undefined : openObjects(join(state, 'apiserver.db'), ELSEWHERE)
  try {
    const server = await startApiServer({ port, ...(database !== undefined && { database }) })
    return {
      // Where the objects stay so does the file, whatever the port.
      kubeconfig: writeKubeconfig(server, isForgotten ? undefined : join(state, 'kubeconfig')),
      state: { folder: state, owner: OWNER },
      async close() {
        await server.close()
        database?.close()
        if (isForgotten) rmSync(state, { recursive: true, force: true })
      },
    }
  } catch (error) {
    database?.close()
    throw error
  }
}
