/** `npm run torture`: kills the real process at random moments and proves that nothing was lost. */
import { conclude, parseTorture, SEED_HELP } from './command.ts'
import { torture } from './run.ts'

const HELP = `Kills the operator's process (kill -9) at random moments while objects come, change and go, then checks that every
object converged, every deletion was seen, no two runs of one key overlapped, and every due timer fired.

  npm run torture -- [options]

Options
  --kills N    how often (default 100; about a second each)
${SEED_HELP}
  --kubeconfig FILE
               a cluster to do it in (default: an embedded API server). Its garbage collector must run. Works in a
               namespace of its own; the CRDs of torture.fairlead.dev stay.
  -h, --help   this text

Prints one line at the end. Ends with 1 where anything was lost, 2 where the command line is wrong.
`

const { values, ...how } = parseTorture({ kubeconfig: { type: 'string' } }, HELP)
conclude('torture', how, await torture({ ...how, kubeconfig: values.kubeconfig }))
