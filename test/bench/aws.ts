/**
 * The `aws` benchmark: what a change costs in requests, invocations and billed time, through the bundled functions on the local
 * AWS, and what that is in dollars at AWS's list prices. Counts are AWS's; milliseconds are this machine's.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { operator } from '../../functions/operator.ts'
import { MyApp } from '../../functions/operators/myapp.ts'
import { relay, systemClock as clock } from '../../lib/index.ts'
import { noInventory } from '../../lib/inventory/memory.ts'
import { awsSqs, sqsQueue } from '../../lib/queue/sqs.ts'
import { type AwsPath, startAwsPath } from '../aws/stage.ts'

const OBJECTS = 100
const CHANGES = 1_000

/** us-east-1, arm64, without free tiers. Dollars. */
const PRICES = {
  fifoRequest: 0.5e-6,
  standardRequest: 0.4e-6,
  invocation: 0.2e-6,
  gigabyteSecond: 1.33334e-5,
  /** Five pollers of a mapping that wait for nothing, 20 s each, in a month. */
  idlePolls: 5 * 129_600,
  /** 50m and 64 MiB of a shared t4g.small, a month: the relay in the cluster. */
  relay: 0.38,
} as const
/** What an always-on operator costs instead, a month: 100m and 128 MiB each on a shared t4g.small; 0.25 vCPU and 0.5 GiB on Fargate. */
const PODS = { 'a pod on a shared node': 0.77, 'two, one stands by': 1.53, 'a pod on Fargate': 9.01 }
const MONTH_SECONDS = 2_592_000
const WORK_GB = 0.25

/** Runs and prints the benchmark; resolves with the figures. */
export async function benchAws(): Promise<object> {
  const path = await startAwsPath({ only: ['work', 'promote'], kinds: operator })
  Object.assign(process.env, path.aws.env)
  const { ready, delay, background, dead } = path.aws.queues
  const queues = { ready: ready.url, delay: delay.url, background: background.url, dead: dead.url }
  const queue = sqsQueue({ sqs: awsSqs(), queues, clock, random: Math.random })
  const stop = new AbortController()
  const using = { api: path.api, cluster: 'default', inventory: noInventory, report: () => {}, clock, queue }
  const relaying = relay(operator, using, stop.signal)
  const figures: Record<string, object> = {}
  for (const [name, perSecond] of [
    ['a trickle, 10 a second', 10],
    ['a stream, 100 a second', 100],
  ] as const) {
    figures[name] = await measure(path, name, perSecond)
  }
  stop.abort()
  await relaying
  await path[Symbol.asyncDispose]()
  return { aws: figures }
}

const keyOf = (i: number) => ({ namespace: 'default', name: `app-${i % OBJECTS}` })

async function measure(path: AwsPath, name: string, perSecond: number): Promise<object> {
  for (let i = 0; i < OBJECTS; i++)
    await path.api.patch(
      MyApp,
      keyOf(i),
      {
        type: 'apply',
        force: true,
        object: {
          apiVersion: 'apps.fairlead.dev/v1',
          kind: 'MyApp',
          metadata: keyOf(i),
          spec: { image: 'nginx:1.27', replicas: 1 },
        },
      },
      { fieldManager: 'bench' },
    )
  await settled(path)
  const before = snapshot(path)
  const count = Math.min(CHANGES, perSecond * 20)
  for (let i = 0; i < count; i++) {
    const body = { spec: { replicas: 2 + (Math.floor(i / OBJECTS) % 40) } }
    await path.api.patch(MyApp, keyOf(i * 37), { type: 'merge', body })
    await wait(1000 / perSecond)
  }
  await settled(path)
  const after = snapshot(path)
  const per = (of: (from: Snapshot) => number) => (of(after) - of(before)) / count
  const found = {
    changes: count,
    reconciles: per(({ reconciles }) => reconciles),
    invocations: per(({ invocations }) => invocations),
    fifoRequests: per(({ fifo }) => fifo),
    standardRequests: per(({ standard }) => standard),
    apiCalls: per(({ apiCalls }) => apiCalls),
    billedMilliseconds: per(({ milliseconds }) => milliseconds),
  }
  const dollars = dollarsOf(found)
  const fixed = idleDollars() + PRICES.relay
  const breakEven = Object.entries(PODS).map(
    ([pod, price]) => [pod, Math.max(0, (price - fixed) / (dollars * MONTH_SECONDS))] as const,
  )
  console.log(
    `aws ${name}: per change ${[
      `${found.reconciles.toFixed(2)} reconciles`,
      `${found.invocations.toFixed(2)} invocations`,
      `${found.fifoRequests.toFixed(2)} + ${found.standardRequests.toFixed(2)} requests to SQS`,
      `${found.apiCalls.toFixed(1)} API calls`,
      `${found.billedMilliseconds.toFixed(0)} ms billed`,
    ].join(', ')}: $${(dollars * 1e6).toFixed(2)} per million`,
  )
  console.log(
    `aws ${name}: a month is $${fixed.toFixed(2)} and $${(dollars * MONTH_SECONDS).toFixed(2)} for each change a second: ` +
      breakEven.map(([pod, rate]) => `as ${pod} at ${rate.toFixed(2)}/s`).join(', '),
  )
  return { ...found, dollarsPerMillion: dollars * 1e6, fixed, breakEven: Object.fromEntries(breakEven) }
}

interface Snapshot {
  readonly reconciles: number
  readonly invocations: number
  readonly fifo: number
  readonly standard: number
  readonly apiCalls: number
  readonly milliseconds: number
}

function snapshot({ aws, happenings }: AwsPath): Snapshot {
  const { functions, calls } = aws.figures()
  const runs = happenings.filter((happening) => happening.type === 'reconciled')
  const ran = Object.values(functions)
  const { SendMessageBatch = 0, DeleteMessageBatch = 0, ReceiveMessage = 0 } = calls
  const promoted = functions.promote?.invocations ?? 0
  // Each run that asks to be looked at again sends to the delay queue; a receive and a delete of it come with each promote.
  const delays = runs.filter(({ outcome }) => outcome.includes('again') || outcome.includes('retry')).length
  return {
    reconciles: runs.length,
    invocations: ran.reduce((sum, { invocations }) => sum + invocations, 0),
    fifo: SendMessageBatch - delays + DeleteMessageBatch - promoted + ReceiveMessage - promoted,
    standard: delays + 2 * promoted,
    apiCalls: runs.reduce((sum, { calls: made }) => sum + made, 0),
    milliseconds: ran.reduce((sum, { durationMs }) => sum + durationMs.reduce((a, b) => a + b, 0), 0),
  }
}

type Found = Pick<Snapshot, 'invocations'> & {
  readonly fifoRequests: number
  readonly standardRequests: number
  readonly billedMilliseconds: number
}

/** One change. */
const dollarsOf = ({ fifoRequests, standardRequests, invocations, billedMilliseconds }: Found): number =>
  fifoRequests * PRICES.fifoRequest +
  standardRequests * PRICES.standardRequest +
  invocations * PRICES.invocation +
  (billedMilliseconds / 1000) * WORK_GB * PRICES.gigabyteSecond

/** A month in which nothing happens: the mappings of three queues ask all the same. */
const idleDollars = (): number => PRICES.idlePolls * (PRICES.fifoRequest + 2 * PRICES.standardRequest)

/** Resolves when every queue but `delay` is empty, and stays so for a moment. */
async function settled({ aws }: AwsPath): Promise<void> {
  for (let quiet = 0; quiet < 20; ) {
    const counts = ['ready.fifo', 'background'].map((name) => aws.sqs.count(name))
    quiet = counts.every(({ ready, inFlight }) => ready + inFlight === 0) ? quiet + 1 : 0
    await wait(100)
  }
}
