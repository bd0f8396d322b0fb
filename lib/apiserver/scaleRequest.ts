/** The Scale that a PATCH of the scale subresource means. */
import type { Decoded } from './decode.ts'
import { objectOf } from './encode.ts'
import type { Route } from './route.ts'
import { SCALE, scaleOf } from './scale.ts'
import type { Server } from './server.ts'
import type { Entry } from './store.ts'
import type { Writing } from './write/outcome.ts'
import { parsePatch, patched, type SentPatch } from './write/patch.ts'

/** The object's Scale with the patch applied. Throws 400, 422 and 500. */
export function patchedScale(
  server: Server,
  { route, entry }: { readonly route: Route; readonly entry: Entry },
  sent: SentPatch,
  writing: Writing,
): Decoded {
  const validation = writing.options.fieldValidation
  const scale = scaleOf(route.type, objectOf(route.type, entry))
  return patched(server, scale, { type: SCALE, patch: parsePatch(sent, validation), validation })
}
