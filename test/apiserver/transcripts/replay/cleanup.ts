/** Deletes what a run has made. */
import type { Connection } from './connect.ts'
import { isObject } from './json.ts'

/**
 * Deletes these paths. A namespace loses its finalizer as well: a server without controllers would keep it for ever. What is
 * gone already, or cannot be deleted, is left: the next run makes its own.
 */
export async function cleanUp(connection: Connection, paths: readonly string[]): Promise<void> {
  for (const path of paths) await remove(connection, path).catch(ignoreSilence)
}

/** The server may be gone by now, which is told by whoever needs it next. */
const ignoreSilence = () => {}

async function remove(connection: Connection, path: string): Promise<void> {
  const options = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' }
  await connection.request({ method: 'DELETE', path, body: options })
  if (!/^\/api\/v1\/namespaces\/[^/]+$/.test(path)) return
  const { status, body } = await connection.request({ method: 'GET', path })
  if (status !== 200 || !isObject(body)) return
  const finalized = { ...body, spec: { finalizers: [] } }
  await connection.request({ method: 'PUT', path: `${path}/finalize`, body: finalized })
}
