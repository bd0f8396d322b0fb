/** `npm run relay`: the relay alone, for every cluster, until told to stop. */
import { readEnv, readInventory } from '../env.ts'
import { openFunctionInventory } from '../inventory.ts'
import { operator } from '../operator.ts'
import { runProgram } from '../program.ts'
import { clustersOf } from './clusters.ts'
import { parseRelayOptions } from './options.ts'
import { queueOf } from './queue.ts'
import { serveRelay } from './serve.ts'

const options = parseRelayOptions()

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const onTrouble = (error: unknown) => print(`inventory: tried again: ${String(error)}`)
  const where = options.state === undefined ? readInventory() : undefined
  const inventory = where === undefined ? undefined : { where, store: openFunctionInventory(onTrouble) }
  const queue = await queueOf(options.ingress)
  const clusters = await clustersOf(options)
  const { owner } = clusters
  await serveRelay(operator, { ...options, ...readEnv(), clusters, owner, queue, inventory, print }, signal)
  clusters.close()
})
