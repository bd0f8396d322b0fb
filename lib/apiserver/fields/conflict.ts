/**
 * The refusals of server-side apply, as errors with the real server's texts. A conflict is a field that another manager
 * owns and that the patch would change.
 */
import type { Problem } from '../resource.ts'

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
