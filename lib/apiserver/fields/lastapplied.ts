/**
 * The way from client-side apply to server-side apply. kubectl keeps what it applied in an annotation; a server-side apply by
 * `kubectl` may therefore change those fields without force, and keeps the annotation up to date for as long as it is there
 * (k8s.io/apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go).
 */
import { apiVersionOf } from '../../kube.ts'
import type { Json, JsonObject, Schema } from '../resource.ts'
import { fieldsOf } from './collect.ts'
import { compare } from './compare.ts'
import { isObject, member, objectAt, put } from './json.ts'
import { withoutManagers } from './managers.ts'
import type { FieldSet } from './set.ts'
import { difference } from './set.ts'
import type { MergedType } from './shape.ts'

/** The annotation of client-side apply. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The only manager for whom the annotation counts. */
const KUBECTL = 'kubectl'

interface Request {
  readonly live: JsonObject | undefined
  readonly patch: JsonObject
  readonly type: MergedType
  readonly manager: string
}

/** The contested fields less those that client-side apply set and nobody has changed since. */
export function withoutAppliedConflicts(
  taken: ReadonlyMap<string, FieldSet>,
  { live, type, manager }: Request,
  schema: Schema,
): ReadonlyMap<string, FieldSet> {
  if (manager !== KUBECTL || taken.size === 0 || live === undefined) return taken
  const applied = parse(annotation(live))
  if (applied === undefined || member(applied, 'apiVersion') !== apiVersionOf(type)) return taken
  const { added, modified, removed } = compare(applied, withoutManagers(live), schema)
  const changed = [modified, added, removed]
  const allowed = changed.reduce(difference, fieldsOf(applied, schema))
  const rest = new Map<string, FieldSet>()
  for (const [identity, set] of taken) {
    const left = difference(set, allowed)
    if (left.size > 0) rest.set(identity, left)
  }
  return rest
}

/** The object with the annotation that says what `kubectl` has applied now, where there was one. */
export function withLastApplied(object: JsonObject, { patch, manager }: Request): JsonObject {
  if (manager !== KUBECTL || annotation(object) === undefined) return object
  const metadata = objectAt(object, 'metadata') ?? {}
  const annotations = { ...objectAt(metadata, 'annotations') }
  put(annotations, LAST_APPLIED, `${JSON.stringify(withoutAnnotation(patch))}\n`)
  return { ...object, metadata: { ...metadata, annotations } }
}

function annotation(object: JsonObject): string | undefined {
  const annotations = objectAt(objectAt(object, 'metadata') ?? {}, 'annotations') ?? {}
  const value = member(annotations, LAST_APPLIED)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function withoutAnnotation(patch: JsonObject): JsonObject {
  const metadata = objectAt(patch, 'metadata')
  const annotations = metadata === undefined ? undefined : objectAt(metadata, 'annotations')
  if (annotations === undefined) return patch
  const { [LAST_APPLIED]: _, ...rest } = annotations
  return { ...patch, metadata: { ...metadata, annotations: rest } }
}

/** Undefined when the annotation is absent or, being a client's, not an object. */
function parse(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : undefined
  } catch (error) {
    // An annotation that nobody can read allows nothing.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
