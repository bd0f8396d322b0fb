/**
 * A child process of the `churn` benchmark: Fairlead as `npm start` runs it, with queue and inventory on disk; only that what
 * happens is counted instead of printed.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openState } from '../../lib/database/node.ts'
import { type Happening, recorder, reside, systemClock as clock } from '../../lib/index.ts'
import { sqliteInventory } from '../../lib/inventory/sqlite.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'
import { embeddedQueue } from '../../lib/queue/embedded.ts'
import { followRequests } from '../../lib/queue/requests.ts'
import { sqliteStore } from '../../lib/queue/sqlite.ts'
import { startMeter, tell } from './churn-meter.ts'
import { benchOperator } from './target.ts'

const [kubeconfig = '', namespace = '', concurrency = '', folder = ''] = process.argv.slice(2)
const meter = startMeter()
const watches = new Set<string>()
const synced = Promise.withResolvers<void>()
const report = (happening: Happening): void => {
  if (happening.type === 'reconciled') {
    meter.reconciled(happening.milliseconds)
    meter.waited(happening.waitedMilliseconds ?? 0)
  } else if (happening.type === 'failed') meter.failed(`${happening.key}: ${happening.error}`)
  else if (happening.type === 'parked') meter.parked(`${happening.key}: ${happening.reason}`)
  else if (happening.type === 'dropped')
    meter.failed(`${happening.what} ${happening.key}: ${happening.error}`)
  else if (happening.type === 'watch' && happening.state === 'synced') {
    if (watches.add(happening.kind).size === 2) synced.resolve()
  } else if (happening.type === 'watch')
    meter.failed(`watch of ${happening.kind} ${happening.state}: ${happening.detail}`)
  else if (happening.type === 'rate' || happening.type === 'store')
    meter.failed(`${happening.type} ${happening.state}: ${happening.detail}`)
}

const transport = httpsTransport(await loadCredentials({ kubeconfig }))
const api = connect(transport, { userAgent: 'fairlead' })
const database = openState({ folder })
const queue = embeddedQueue({ clock, report, store: sqliteStore(database) })
const stop = new AbortController()
followRequests({ database, queue, clock }, (error) => stop.abort(error), stop.signal)
const using = {
  api,
  queue,
  inventory: sqliteInventory(database),
  record: recorder(api, 'bench', { clock, report }),
  report,
  clock,
  random: Math.random,
}
const residing = reside(benchOperator(namespace, Number(concurrency)), using, stop.signal)
const measured = synced.promise.then(meter.ready).then(meter.figures)
const figures = await Promise.race([residing, measured])
// It resides until it is told to stop: before that only a database that is at its end can have ended it.
if (figures === undefined) throw stop.signal.reason
const stateBytes = ['state.db', 'state.db-wal']
  .map((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0)
  .reduce((sum, size) => sum + size)
await tell({ ...figures, stateBytes })
stop.abort(new Error('measured'))
await residing
database.close()
transport.close()
process.exit(0)
