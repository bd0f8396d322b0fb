/**
 * The `cloudflare` benchmark: what a change costs through the real Workers in workerd, and what that is in dollars at Cloudflare's
 * list prices. Reconciles and calls are counted; requests to Durable Objects and rows follow from them by the design of the queue
 * (docs/adr/0018-durable-objects.md); milliseconds are this machine's.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { operator } from '../../functions/operator.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { type CloudflarePath, startCloudflarePath } from '../cloudflare/stage.ts'

const OBJECTS = 50
const CHANGES = 200
const PER_SECOND = 10

/** Workers Paid, beyond what is included. Dollars. */
const PRICES = { objectRequest: 0.15e-6, gigabyteSecond: 12.5e-6, row: 1e-6 } as const
const OBJECT_GB = 0.128

/** Requests to Durable Objects and rows written: to take a change and to run it, and the index's share, told of each alone. */
const PER_RECONCILE = { requests: 3, rows: 4 }

/** Runs and prints the benchmark; resolves with the figures. */
export async function benchCloudflare(): Promise<object> {
  await using path = await startCloudflarePath({ only: ['work', 'relay'], kinds: operator })
  const { api } = path
  for (let i = 0; i < OBJECTS; i++)
    await api.create(MyApp, {
      apiVersion: 'apps.fairlead.dev/v1',
      kind: 'MyApp',
      metadata: keyOf(i),
      spec: { image: 'nginx:1.27', replicas: 1 },
    })
  await settled(path)
  const before = path.happenings.length
  for (let i = 0; i < CHANGES; i++) {
    const body = { spec: { replicas: 2 + Math.floor(i / OBJECTS) } }
    await api.patch(MyApp, keyOf(i * 37), { type: 'merge', body })
    await wait(1000 / PER_SECOND)
  }
  await settled(path)
  const runs = path.happenings
    .slice(before)
    .flatMap((happening) => (happening.type === 'reconciled' ? [happening] : []))
  const per = (sum: number) => sum / CHANGES
  const found = {
    reconciles: per(runs.length),
    apiCalls: per(runs.reduce((sum, { calls }) => sum + calls, 0)),
    waitedMilliseconds: median(runs.map(({ waitedMilliseconds = 0 }) => waitedMilliseconds)),
    milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
  }
  const { requests, rows } = PER_RECONCILE
  // The key's object and the index wait for the API server, each for itself.
  const seconds = (2 * found.milliseconds) / 1000
  const reconcile =
    requests * PRICES.objectRequest + rows * PRICES.row + seconds * OBJECT_GB * PRICES.gigabyteSecond
  const dollarsPerMillion = found.reconciles * reconcile * 1e6
  console.log(
    `cloudflare, ${PER_SECOND} changes a second: per change ${[
      `${found.reconciles.toFixed(2)} reconciles`,
      `${found.apiCalls.toFixed(1)} API calls`,
      `${found.waitedMilliseconds} ms from held to begun`,
      `${found.milliseconds} ms to reconcile (medians)`,
    ].join(', ')}: $${dollarsPerMillion.toFixed(2)} per million`,
  )
  return { cloudflare: { ...found, dollarsPerMillion } }
}

const keyOf = (i: number) => ({ namespace: 'default', name: `app-${i % OBJECTS}` })

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0

/** Resolves when nothing has happened for two seconds: longer than any quiet window. */
async function settled({ happenings }: CloudflarePath): Promise<void> {
  for (let known = -1; known !== happenings.length; ) {
    known = happenings.length
    await wait(2_000)
  }
}
