/** A function for tests that writes down what it does, so that it can be killed meanwhile. */
import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'

/** One line each; a line is written whole or not at all. */
export interface Line {
  readonly type: 'begin' | 'end'
  readonly pid: number
  readonly body: string
  readonly group: string
}

const write = (line: Line) => appendFileSync(process.env.JOURNAL ?? '', `${JSON.stringify(line)}\n`)

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  for (const { body, attributes } of Records) {
    const line = { pid: process.pid, body, group: attributes.MessageGroupId ?? '' }
    write({ type: 'begin', ...line })
    // Work takes time, and that is when it is killed.
    await setTimeout(4)
    write({ type: 'end', ...line })
  }
  return { batchItemFailures: [] }
}
