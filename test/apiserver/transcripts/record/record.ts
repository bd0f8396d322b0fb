/** Records one scenario: runs its source, puts tokens in place of what is particular to the run, and deletes what it made. */
import { cleanUp } from '../replay/cleanup.ts'
import type { JsonObject } from '../replay/json.ts'
import type { Loaded } from './load.ts'
import { openRecorder, type Stand } from './recorder.ts'
import { tokenise } from './tokenise.ts'

export interface Recording {
  /** The transcript, as its file holds it. */
  readonly scenario: JsonObject
  /** How many steps it has. */
  readonly steps: number
  /** What did not come as the source announced. */
  readonly warnings: readonly string[]
}

/** Rejects where the source does; what it made is deleted all the same. `version` is the server's. */
export async function record(
  { area, name, about, run }: Loaded,
  stand: Stand,
  version: string,
): Promise<Recording> {
  const { recorder, page, streams } = openRecorder(stand)
  try {
    await run(recorder)
    const { steps, webhooks, cleanup } = tokenise(page, stand.webhooks, Date.now())
    const hooks = Object.keys(page.webhooks).length === 0 ? {} : { webhooks }
    const head = { format: 1, name, area, about, kubernetes: version }
    return {
      scenario: { ...head, ...hooks, steps, cleanup },
      steps: steps.length,
      warnings: page.warnings,
    }
  } finally {
    for (const stream of streams) stream.close()
    await cleanUp(stand.connection, page.cleanup)
    stand.webhooks.forget(page.run)
  }
}
