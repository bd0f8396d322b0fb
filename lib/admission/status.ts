/** Refusals as the API's Status, which the API server hands on to whoever asked. */
import type { Denied } from './denied.ts'
import type { AdmissionRequest } from './request.ts'
import type { Cause } from './problem.ts'

/** A meta/v1 Status as far as admission fills it. */
export interface Status {
  readonly status: 'Failure'
  readonly message: string
  readonly reason: string
  readonly code: number
  readonly details?: object
}

export const statusOf = ({ message, reason, code }: Denied): Status => ({
  status: 'Failure',
  message,
  reason,
  code,
})

/** 422 with a cause per problem, in the words of the API server's own validation. */
export function invalidStatus({ kind, name = '' }: AdmissionRequest, causes: readonly Cause[]): Status {
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const subject = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return {
    status: 'Failure',
    message: `${subject} "${name}" is invalid: ${list}`,
    reason: 'Invalid',
    code: 422,
    details: { ...(name !== '' && { name }), group: kind.group, kind: kind.kind, causes },
  }
}
