/** What the tortures share as programs: how often and with which chance, progress on stderr, and one line at the end. */
import type { ParseArgsConfig } from 'node:util'
import { parseOptions, refuse } from '../../functions/program.ts'
import type { Verdict } from './run.ts'

/** For the help of each. */
export const SEED_HELP = `  --seed S     chance that can be had again (default: a random one, printed). The same seed does the same things in the
               same order and kills after the same times; where exactly a kill falls is the machine's.`

const OPTIONS = {
  kills: { type: 'string', default: '100' },
  seed: { type: 'string' },
} as const

/** The command line, with `options` beside `--kills` and `--seed`. Ends the process with help, or with 2 on what cannot be meant. */
export function parseTorture<O extends NonNullable<ParseArgsConfig['options']>>(options: O, help: string) {
  const values = parseOptions({ ...OPTIONS, ...options }, help) as Record<string, string | undefined>
  const kills = wholeNumber('--kills', values.kills ?? '', { least: 1, help })
  const seed = wholeNumber('--seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), {
    least: 0,
    help,
  })
  process.stderr.write(`seed ${seed}, ${kills} kills\n`)
  return { values, kills, seed, onKill: (count: number) => showProgress(count, kills) }
}

/** Prints the verdict, `figures` of its own behind what every torture counts, and ends with 1 where anything was lost. */
export function conclude(
  name: string,
  { kills, seed }: { readonly kills: number; readonly seed: number },
  { problems, ...counted }: Verdict,
  figures: readonly string[] = [],
): never {
  for (const problem of problems.slice(0, 20)) process.stderr.write(`${problem}\n`)
  const { objects, deletes, changes, runs, timers, cutShort, seconds } = counted
  const parts = [
    `${name}: ${problems.length === 0 ? 'ok' : `FAILED, ${problems.length} problems`}`,
    `seed ${seed}`,
    `${kills} kills, ${cutShort} runs cut short`,
    `${objects} objects, ${changes} changes, ${deletes} deletions`,
    `${runs} runs, ${timers} by timers`,
    ...figures,
    `${seconds.toFixed(0)} s`,
  ]
  process.stdout.write(`${parts.join(' | ')}\n`)
  process.exit(problems.length === 0 ? 0 : 1)
}

function wholeNumber(
  name: string,
  text: string,
  { least, help }: { readonly least: number; readonly help: string },
): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  return refuse(`${name} must be a whole number >= ${least}, got ${text}\n\n${help}`)
}

function showProgress(count: number, kills: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${count} of ${kills} kills${count === kills ? '\n' : ''}`)
  else if (count % 10 === 0) process.stderr.write(`${count} of ${kills} kills\n`)
}
