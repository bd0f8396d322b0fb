/**
 * The refusals of server-side apply, as errors with the real server's texts. A conflict is a field that another manager
 * owns and that the patch would change.
 */
import type { Problem } from '../resource.ts'
import type { Manager, Managers } from './managers.ts'
import type { FieldSet } from './set.ts'
import { paths } from './set.ts'
import { printPath } from './step.ts'

/** Another manager owns what the patch would change: 409 `Conflict`, one cause per field and manager. */
export class ApplyConflict extends Error {
  readonly code = 409
  readonly reason = 'Conflict'
  readonly causes: Problem[]

  constructor(message: string, causes: Problem[]) {
    super(message)
    this.name = 'ApplyConflict'
    this.causes = causes
  }
}

/** Any other refusal. Schema violations are 500 without a reason, because the real server's are. */
export class ApplyError extends Error {
  readonly code: number
  readonly reason: string | undefined

  constructor(code: number, reason: string | undefined, message: string) {
    super(message)
    this.name = 'ApplyError'
    this.code = code
    this.reason = reason
  }
}

/** The error for these contested fields (by manager's identity), or undefined when there are none. */
export function conflictOf(
  managers: Managers,
  taken: ReadonlyMap<string, FieldSet>,
): ApplyConflict | undefined {
  const causes: Problem[] = []
  const lines: string[] = []
  for (const identity of [...taken.keys()].sort()) {
    const with_ = printManager(managers.get(identity) as Manager)
    lines.push(`conflicts with ${with_}:`)
    for (const path of paths(taken.get(identity) as FieldSet)) {
      const field = printPath(path)
      lines.push(`- ${field}`)
      causes.push({ reason: 'FieldManagerConflict', field, message: `conflict with ${with_}` })
    }
  }
  const [first] = causes
  if (first === undefined) return undefined
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`
  return new ApplyConflict(message, causes)
}

function printManager({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager)
  const part = subresource === '' ? name : `${name} with subresource ${JSON.stringify(subresource)}`
  return operation === 'Update' ? `${part} using ${apiVersion}` : part
}
