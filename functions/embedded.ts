/** `npm start`: API server (unless a kubeconfig is given), relay, queue and work in one process. */
import { operator } from './operator.ts'
import { runResident } from './resident.ts'

await runResident(operator)
