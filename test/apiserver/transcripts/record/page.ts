/** The page that a run is recorded on: the steps as they happened, and beside each the answer as it came. */
import type { Json, JsonObject } from '../replay/json.ts'
import type { Webhook } from '../replay/scenario.ts'

/** Tokens by the pointer (with `*`) of what they stand in for. */
export type Masks = Readonly<Record<string, string>>

/** What every verb takes besides. */
export interface Notes {
  readonly note?: string | undefined
  /** Preparation; it is compared all the same. */
  readonly setup?: boolean
  /** Pointers of arrays whose order is left open. */
  readonly anyOrder?: readonly string[]
}

/** A step as the file will hold it, but for tokens, with the answer that it is of: whole and unmasked. */
export interface Recorded {
  readonly step: JsonObject
  readonly raw: Json | undefined
}

export interface Page {
  readonly run: string
  readonly steps: Recorded[]
  readonly webhooks: Record<string, Webhook>
  /** Paths to delete at the end, the newest first. */
  readonly cleanup: string[]
  /** What the author of the source should look at. */
  readonly warnings: string[]
}

/** Writes a step down and returns its id. `fields` is copied: what a source does with it later changes nothing. */
export function write(page: Page, fields: object, raw: Json | undefined, notes: Notes): string {
  const { note, setup, anyOrder } = notes
  const id = String(page.steps.length + 1).padStart(2, '0')
  const step = {
    id,
    ...(note ? { note } : {}),
    ...(setup ? { setup } : {}),
    ...fields,
    ...(anyOrder ? { anyOrder } : {}),
  }
  page.steps.push({ step: JSON.parse(JSON.stringify(step)), raw })
  return id
}

/** Something to delete at the end, before what was made earlier. */
export function clean({ cleanup }: Page, path: string): void {
  const known = cleanup.indexOf(path)
  if (known >= 0) cleanup.splice(known, 1)
  cleanup.unshift(path)
}
