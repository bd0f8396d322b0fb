/** A real process whose operator does what its objects ask for: give up, take long, take the process down. */
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { runResident } from '../../functions/resident.ts'
import { TerminalError } from '../../lib/index.ts'
import { siteOperator } from '../site.ts'

await runResident(
  siteOperator({
    attempts: 3,
    async reconcile({ metadata, spec }, { signal, status }) {
      const { note = '' } = spec
      console.log(`reconciling ${metadata.name}: ${note}`)
      if (note === 'give up') throw new TerminalError('no page may be called that')
      if (note === 'crash') process.kill(process.pid, 'SIGKILL')
      if (note.startsWith('until ')) while (!existsSync(note.slice(6)) && !signal.aborted) await wait(10)
      if (note === 'never') await new Promise(() => {})
      status({ phase: 'done' })
      console.log(`reconciled ${metadata.name}`)
    },
  }),
)
