/** What is handed out of an entry, and what a crash of it comes to: the same for every queue that stands on entries. */
import { keyText } from '../message.ts'
import type { Delivery, Verdict } from '../queue.ts'
import type { Report } from '../report.ts'
import { type Entry, nameOf } from './entry.ts'
import { verdictOfCrash } from './outcome.ts'

/** What only its queue knows of a delivery; false and undefined are left out. */
interface Handing {
  readonly isLimited: boolean
  readonly waitedSeconds?: number | undefined
}

/** The delivery of a locked entry. */
export function deliveryOf(entry: Entry, { isLimited, waitedSeconds }: Handing): Delivery {
  const { key, errand, attempt, isEarly, since, crash } = entry
  return {
    id: key,
    body: errand.body,
    attempt,
    early: isEarly,
    readySince: since,
    ...(waitedSeconds === undefined ? {} : { waitedSeconds }),
    ...(crash === undefined ? {} : { crash }),
    ...(isLimited ? { isLimited } : {}),
  }
}

/** Of a delivery, what counts when it has failed. */
export type Counting = Pick<Delivery, 'attempt' | 'early'>

interface Judging {
  readonly report: Report
  /** Crashes in a row that park a key. */
  readonly limit: number
  /** Gives [0, 1). */
  readonly random: () => number
}

/** The verdict on a crash, which is told, and judged by nobody but the queue. */
export function judgeCrash(entry: Entry, counting: Counting, crash: string, judging: Judging): Verdict {
  const { report } = judging
  const { message } = entry.errand
  const key = message ? keyText(message) : entry.key
  report({ type: 'failed', controller: entry.controller, key, error: `handler crashed: ${crash}` })
  const verdict = verdictOfCrash(crash, counting, judging)
  if (verdict.type === 'bury') report({ type: 'parked', key: nameOf(entry), reason: verdict.reason })
  return verdict
}
