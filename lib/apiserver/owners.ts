/** Owner references that name one owner twice are merged, with a warning, before anything else happens to an object. */
import { metadataList, metadataOf } from './metadata.ts'
import type { Json, JsonObject } from './resource.ts'

const TEXT =
  'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed:'

/** Changes the object in place; the warning, or none. `when` is `''` for bodies and words the case of patches. */
export function dedupeOwners(object: JsonObject, when: '' | ' after mutating admission happens'): string[] {
  const owners = metadataList(object, 'ownerReferences')
  if (owners.length < 2) return []
  const seen = new Set<string>()
  const doubled = new Set<string>()
  const kept: Json[] = []
  for (const owner of owners) {
    const text = JSON.stringify(owner)
    if (seen.has(text)) doubled.add(String((owner as JsonObject).uid))
    else kept.push(owner)
    seen.add(text)
  }
  if (doubled.size === 0) return []
  metadataOf(object).ownerReferences = kept
  return [`.metadata.ownerReferences contains duplicate entries${when}; ${TEXT} ${[...doubled].join(', ')}`]
}
