/** What went wrong with a key in the queue itself, told as any failure of a key is. */
import { errorText } from '../../fleet.ts'
import { keyName } from '../../message.ts'
import type { Report } from '../../report.ts'
import type { Envelope } from './envelope.ts'

/** What SQS did not take comes again: the trouble is told and not thrown on. */
export function tellFailed(
  error: unknown,
  { message, key }: Pick<Envelope, 'message' | 'key'>,
  report: Report,
): void {
  const name = message === undefined ? key : keyName(message)
  report({ type: 'failed', controller: message?.controller ?? '', key: name, error: errorText(error) })
}
