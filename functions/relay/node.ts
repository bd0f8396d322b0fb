/** `npm run relay`: the relay alone, for every cluster, until told to stop. */
import { readEnv } from '../env.ts'
import { operator } from '../operator.ts'
import { runProgram } from '../program.ts'
import { clustersOf } from './clusters.ts'
import { openInventory } from './inventory.ts'
import { parseRelayOptions } from './options.ts'
import { queueOf } from './queue.ts'
import { serveRelay } from './serve.ts'

const options = parseRelayOptions()

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const onTrouble = (error: unknown) => print(`inventory: tried again: ${String(error)}`)
  const inventory = options.state === undefined ? openInventory(onTrouble) : undefined
  const queue = await queueOf(options.ingress)
  const clusters = await clustersOf(options)
  const { owner } = clusters
  await serveRelay(operator, { ...options, ...readEnv(), clusters, owner, queue, inventory, print }, signal)
  clusters.close()
})
