/** How a review function says no. */

export interface DeniedOptions {
  readonly code?: number
  readonly reason?: string
  readonly cause?: unknown
}

/**
 * The request is refused, in the author's words: they reach whoever asked, so no secret belongs there. Any other error is a
 * mistake, of which only "failed" is told.
 */
export class Denied extends Error {
  readonly code: number
  readonly reason: string

  /** `code` is an HTTP status from 400 to 599 (403 `Forbidden` where nothing is said); `reason` the API's word for it. */
  constructor(message: string, { code = 403, reason = 'Forbidden', cause }: DeniedOptions = {}) {
    super(message, { cause })
    if (!Number.isInteger(code) || code < 400 || code > 599)
      throw new Error(`Denied: code must be an integer from 400 to 599, got ${code}`)
    this.name = 'Denied'
    this.code = code
    this.reason = reason
  }
}

/** A mistake as the log may name it; nobody who asked is told. */
export const mistakeText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
