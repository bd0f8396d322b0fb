/** The process under torture: how it is started on a stage, and when it is ready. */
import { join } from 'node:path'
import { type Program, startScript } from '../functions/process.ts'
import type { Stage } from './stage.ts'

/** Starts the process under torture. */
export type Begin = () => Program

/** A process that keeps its state in a folder of the stage. */
export function startsOn({ folder, kubeconfig, journal }: Stage): { begin: Begin; state: string } {
  const state = join(folder, 'state')
  const args = ['--kubeconfig', kubeconfig, '--state', state]
  return {
    state,
    begin: () => startScript('test/torture/resident.ts', args, { TORTURE_JOURNAL: journal }),
  }
}

/** When the process says that it is ready; undefined where it ends before. */
export const firstReady = (program: Program): Promise<number | undefined> =>
  program.line(/^ready$/).then(
    () => Date.now(),
    () => undefined,
  )
