/** A journal that is a file of lines: what is written stays written, however the process ends. */
import { appendFileSync } from 'node:fs'
import type { Noted } from './operator.ts'

/** Notes for this process. */
export const journalIn =
  (file: string) =>
  (entry: Noted): void =>
    appendFileSync(file, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...entry })}\n`)
