/** What the schemas of a custom kind say of an object: zod's refinements too, which its CRD cannot express. */
import * as z from 'zod'
import { isCustom, type KindVersion } from '../kind.ts'
import { fillDefaults } from '../kind/settle.ts'
import type { Review } from './define.ts'
import { type Cause, causesOf } from './problem.ts'

/** All problems of spec and status; none for kinds that are not ours and for subresources with bodies of their own. */
export function schemaCauses({ kind, subresource }: Review<never>, object: unknown): Cause[] {
  if (!isCustom(kind) || (subresource !== undefined && subresource !== 'status')) return []
  const version = versionOf(kind)
  if (version === undefined) return []
  const { spec, status } = (object ?? {}) as { spec?: unknown; status?: unknown }
  const found = z.safeParse(version.spec, spec)
  const causes = found.success ? [] : causesOf(object, 'spec', found.error.issues)
  if (status === undefined || version.status === undefined) return causes
  // A status grows: none of its fields has to be there yet.
  const grown = z.safeParse(version.status.partial(), status)
  return grown.success ? causes : [...causes, ...causesOf(object, 'status', grown.error.issues)]
}

const versionOf = ({ declaration, version }: KindVersion) =>
  declaration.versions.find(({ name }) => name === version)

/** Fills the defaults of the spec in place. The API server has done so before it asks; whoever asks otherwise gets the same. */
export function fillOwnDefaults({ kind, subresource }: Review<never>, draft: Record<string, unknown>): void {
  if (!isCustom(kind) || subresource !== undefined) return
  // The status is nobody's to fill in on a write of the object.
  const spec = versionOf(kind)?.schema.properties?.spec
  if (spec !== undefined) fillDefaults(draft, { properties: { spec } })
}
