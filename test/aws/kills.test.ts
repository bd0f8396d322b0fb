/** Functions that are killed at random moments: nothing is lost, no group runs twice at once. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs'
import { startLocalAws } from '../../infra/aws/local/aws.ts'
import { killSomebody } from '../../infra/aws/local/kill.ts'
import { randomFrom } from '../random.ts'
import { scratchFolder } from '../scratch.ts'
import { until } from './bundled.ts'
import type { Line } from './journal.ts'

const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f']
const EACH = 20
const KILLS = 12

describe('functions that are killed', () => {
  it('lose nothing, keep the order of each group, and never run one twice at once', async () => {
    const folder = scratchFolder()
    const journal = join(folder, 'journal')
    writeFileSync(journal, '')
    const random = randomFrom(7)
    await using aws = await startKillable(folder, journal)
    const lines = () => readFileSync(journal, 'utf8').trim().split('\n').filter(Boolean).map(toLine)
    const all = GROUPS.flatMap((group) => Array.from({ length: EACH }, (_, at) => `${group}${at}`))
    await aws.fill(all)
    let killed = 0
    const { work } = aws.functions
    assert.ok(work)
    let mark = 0
    await until(() => {
      const count = lines().length
      // A little later each time: a kill falls where the work is.
      if (killed < KILLS && count >= mark && killSomebody([work], random) !== undefined) {
        killed++
        mark = count + Math.ceil(random() * 12)
      }
      return aws.isDone() && killed === KILLS
    })
    const done = new Set(lines().flatMap(({ type, body }) => (type === 'end' ? [body] : [])))
    assert.deepEqual([...done].sort(), all.toSorted())
    assert.deepEqual(overlaps(lines()), [])
    assert.deepEqual(disorder(lines()), [])
    assert.ok(aws.figures().functions.work?.errors)
  })
})

const toLine = (text: string): Line => JSON.parse(text) as Line

async function startKillable(folder: string, journal: string) {
  const aws = await startLocalAws({
    clusters: '{}',
    folder,
    visibilitySeconds: { ready: 1 },
    concurrency: 2,
    env: { JOURNAL: journal },
    log() {},
    functions: {
      work: {
        entry: 'test/aws/journal.ts',
        timeoutSeconds: 5,
        memoryMb: 128,
        settings: [],
      },
    },
  })
  return {
    ...aws,
    async fill(bodies: readonly string[]) {
      for (let at = 0; at < bodies.length; at += 10) {
        const Entries = bodies.slice(at, at + 10).map((body, index) => ({
          Id: String(index),
          MessageBody: body,
          MessageGroupId: body[0],
          MessageDeduplicationId: body,
        }))
        await aws.client.send(new SendMessageBatchCommand({ QueueUrl: aws.queues.ready.url, Entries }))
      }
    },
    /** Nothing waits, nothing is worked on, nothing was given up. */
    isDone: () => [aws.sqs.count('ready.fifo'), aws.sqs.count('dead.fifo')].every(isZero),
    [Symbol.asyncDispose]: () => aws.close(),
  }
}

const isZero = (counts: object): boolean => Object.values(counts).every((count) => count === 0)

/** A group that begins in one process while another, which did work later, had not ended it. */
function overlaps(lines: readonly Line[]): string[] {
  const open = new Map<string, Line>()
  return lines.flatMap((line, at) => {
    const before = open.get(line.group)
    if (line.type === 'end') open.delete(line.group)
    else open.set(line.group, line)
    if (line.type === 'end' || before === undefined) return []
    const wasAlive = lines.slice(at).some(({ pid }) => pid === before.pid)
    return wasAlive ? [`${line.body} began while ${before.body} ran`] : []
  })
}

/** Messages that began for the first time before one that was sent earlier in their group had ended. */
function disorder(lines: readonly Line[]): string[] {
  const found: string[] = []
  const done = new Set<string>()
  for (const { type, body, group } of lines) {
    const number = Number(body.slice(1))
    if (type === 'end') done.add(body)
    else if (number > 0 && !done.has(`${group}${number - 1}`)) found.push(body)
  }
  return found
}
