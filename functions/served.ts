/** A function URL whose answers depend on one setting, such as keys or senders. */
import type { UrlHandler } from '../lib/lambda.ts'
import { isReference } from '../lib/reference.ts'

/**
 * A handler that `serve` makes of the setting's text: at once where that is in the environment; else when it is first called, and
 * again once what is kept elsewhere has changed (noticed within 5 minutes). Throws, or rejects, with what `serve` throws.
 */
export async function servedBy(setting: string, serve: (text: string) => UrlHandler): Promise<UrlHandler> {
  if (!isReference(setting)) return serve(setting)
  // What reads references is loaded where there is one.
  const { readReference } = (await import('./clusters.ts')).openAws()
  let current: { readonly text: string; readonly handle: UrlHandler } | undefined
  return async (event) => {
    const text = await readReference(setting)
    if (current?.text !== text) current = { text, handle: serve(text) }
    return await current.handle(event)
  }
}
