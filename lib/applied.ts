/**
 * The mark that tells our own writes from everybody else's: `apply` puts it on every child, `relay` looks for it, so that
 * a primary is not woken by what its own reconcile has just written.
 */
import type { FieldsV1, Metadata } from './kube.ts'

/** The annotation that `apply` sets on every child it writes; its value differs whenever what was applied differs. */
export const APPLIED = 'fairlead.dev/applied'

const child = (fields: FieldsV1 | undefined, step: string): FieldsV1 | undefined => fields?.[step]

/**
 * The field manager whose server-side apply the mark on this object stands there by; none if it was written otherwise: a PUT
 * that restores an older value moves the field to the manager of the PUT (KEP-555). It says nothing of other fields: only
 * together with "the mark's value has just changed" is it the proof that the newest write was an apply of that manager.
 */
export function appliedBy(metadata: Pick<Metadata, 'managedFields'>): string | undefined {
  return (metadata.managedFields ?? []).find(
    (entry) =>
      entry.operation === 'Apply' &&
      child(child(child(entry.fieldsV1, 'f:metadata'), 'f:annotations'), `f:${APPLIED}`) !== undefined,
  )?.manager
}
