/**
 * The `apiserver` benchmark: what requests, lists and watches of the embedded API server cost, in a process of its own, and
 * beside it a real kube-apiserver where a kubeconfig names one: the same client, the same objects, in the same run.
 */
import { startApiServer } from '../../lib/apiserver/index.ts'
import { systemClock as clock } from '../../lib/clock.ts'
import { installCrds } from '../../lib/manifest/install.ts'
import { type BareClient, openClient } from './apiserver-client.ts'
import { benchOperator, freshNamespace, openTarget, sampleNamed } from './target.ts'

const CONCURRENCIES = [1, 8, 32]
/** Requests per figure, by concurrency: enough for a 99th percentile, and the whole run stays within minutes. */
const REQUESTS: Readonly<Record<number, number>> = { 1: 1000, 8: 3000, 32: 3000 }
const LISTED = 10_000
const PAGE = 500
const LISTS = 5
const WATCHERS = 100
const CHANGES = 300
const STARTS = 7

interface Options {
  readonly kubeconfig: string | undefined
}

/** What was measured, by name; each has a unit in its name. */
type Figures = Record<string, number>

export async function benchApiServer({ kubeconfig }: Options): Promise<object> {
  const embedded = { ...(await measure(undefined)), ...(await benchStart()) }
  const real = kubeconfig === undefined ? undefined : await measure(kubeconfig)
  for (const [name, value] of Object.entries(embedded)) console.log(lineOf(name, value, real?.[name]))
  return { apiserver: { embedded, ...(real === undefined ? {} : { real }) } }
}

function lineOf(name: string, value: number, beside: number | undefined): string {
  const line = `apiserver ${name.padEnd(34)} ${format(value).padStart(9)}`
  if (beside === undefined) return line
  const isRate = name.includes('/s')
  const better = isRate ? value / beside : beside / value
  return `${line}   real ${format(beside).padStart(9)}   x${better.toFixed(1)}`
}

const format = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2))

/** Everything that is asked over HTTP. */
async function measure(kubeconfig: string | undefined): Promise<Figures> {
  const begin = performance.now()
  const target = await openTarget(kubeconfig)
  const started = performance.now() - begin
  const { api, close } = await target.connect()
  await installCrds(api, benchOperator('default', 1), { clock })
  const client = await openClient(target.kubeconfig)
  const namespace = await freshNamespace(api, 'apiserver')
  const path = `/apis/bench.fairlead.dev/v1/namespaces/${namespace}/benchmarks`
  const figures: Figures = target.isReal ? {} : { 'start of a process, ms': started }
  for (const atOnce of CONCURRENCIES) Object.assign(figures, await writes(client, path, atOnce))
  Object.assign(figures, await reads(client, path))
  Object.assign(figures, await fanOut(client, path))
  const lists = await freshNamespace(api, 'lists')
  Object.assign(figures, await listing(client, path.replace(namespace, lists)))
  await client.send('DELETE', `/api/v1/namespaces/${namespace}`)
  await client.send('DELETE', `/api/v1/namespaces/${lists}`)
  client.close()
  close()
  target.stop()
  return figures
}

/** Runs `act` for 0 .. count - 1, so many at once; the milliseconds of each, sorted, and how many there were in a second. */
async function run(count: number, atOnce: number, act: (index: number) => Promise<unknown>) {
  const taken: number[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next++
      const begin = performance.now()
      await act(index)
      taken.push(performance.now() - begin)
    }
  }
  const begin = performance.now()
  await Promise.all(Array.from({ length: atOnce }, lane))
  const perSecond = (count * 1000) / (performance.now() - begin)
  return { taken: taken.sort((a, b) => a - b), perSecond }
}

const part = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN

const objectText = (name: string, more: object = {}): string =>
  JSON.stringify({ ...sampleNamed('', 1), metadata: { name }, spec: { value: 1 }, ...more })

async function writes(client: BareClient, path: string, atOnce: number): Promise<Figures> {
  const count = REQUESTS[atOnce] ?? 1000
  const nameOf = (index: number) => `w${atOnce}-${index}`
  const versions: string[] = []
  // What the first requests of a server cost belongs to nobody's rate.
  await run(200, atOnce, (index) => client.send('POST', `${path}?dryRun=All`, objectText(`warm-${index}`)))
  const created = await run(count, atOnce, async (index) => {
    const text = await client.send('POST', path, objectText(nameOf(index)))
    versions[index] = /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? ''
  })
  const updated = await run(count, atOnce, (index) => {
    const metadata = { name: nameOf(index), resourceVersion: versions[index] }
    return client.send('PUT', `${path}/${nameOf(index)}`, objectText('', { metadata, spec: { value: 2 } }))
  })
  const type = { 'content-type': 'application/apply-patch+yaml' }
  const applied = await run(count, atOnce, (index) =>
    client.send(
      'PATCH',
      `${path}/${nameOf(index)}?fieldManager=bench&force=true`,
      objectText(nameOf(index), { spec: { value: 3 } }),
      type,
    ),
  )
  const figures: Figures = {}
  for (const [name, { taken, perSecond }] of Object.entries({
    creates: created,
    updates: updated,
    applies: applied,
  })) {
    figures[`${name}/s, ${atOnce} at once`] = perSecond
    figures[`${name}, ${atOnce} at once, p50 ms`] = part(taken, 0.5)
  }
  return figures
}

async function reads(client: BareClient, path: string): Promise<Figures> {
  const { taken, perSecond } = await run(3000, 1, (index) => client.send('GET', `${path}/w1-${index % 1000}`))
  const eight = await run(5000, 8, (index) => client.send('GET', `${path}/w1-${index % 1000}`))
  return {
    'GET, p50 ms': part(taken, 0.5),
    'GET, p99 ms': part(taken, 0.99),
    'GETs/s, 1 at once': perSecond,
    'GETs/s, 8 at once': eight.perSecond,
  }
}

/** One writer, and how long each change takes to each of the watchers. They live in this process, as the writer does. */
async function fanOut(client: BareClient, path: string): Promise<Figures> {
  const text = await client.send('POST', path, objectText('watched'))
  const from = /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? ''
  const sent: number[] = []
  const taken: number[] = []
  const all = Promise.withResolvers<void>()
  const watches = await Promise.all(
    Array.from({ length: WATCHERS }, () => {
      let seen = 0
      return client.watch(`${path}?watch=1&resourceVersion=${from}`, (count) => {
        const now = performance.now()
        for (let line = 0; line < count; line++) taken.push(now - (sent[seen++] ?? now))
        if (taken.length >= WATCHERS * CHANGES) all.resolve()
      })
    }),
  )
  const begin = performance.now()
  for (let index = 0; index < CHANGES; index++) {
    sent.push(performance.now())
    await client.send('PATCH', `${path}/watched`, `{"spec":{"value":${index + 2}}}`, MERGE)
  }
  // A server that has given a watcher up will not send the rest.
  await Promise.race([all.promise, new Promise((resolve) => setTimeout(resolve, 10_000).unref())])
  const perSecond = (taken.length * 1000) / (performance.now() - begin)
  for (const watch of watches) watch.close()
  taken.sort((a, b) => a - b)
  return {
    [`watch events/s to ${WATCHERS} watchers`]: perSecond,
    'change to watcher, p50 ms': part(taken, 0.5),
    'change to watcher, p99 ms': part(taken, 0.99),
  }
}

const MERGE = { 'content-type': 'application/merge-patch+json' }

async function listing(client: BareClient, path: string): Promise<Figures> {
  const before = await residentMebibytes(client)
  await run(LISTED, 32, (index) => client.send('POST', path, objectText(`object-${index}`)))
  const after = await residentMebibytes(client)
  const metadata = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }
  const figures: Figures = {
    'list of 10,000, ms': await best(() => client.send('GET', path)),
    'the same in pages of 500, ms': await best(() => paged(client, path)),
    'the same, metadata only, ms': await best(() => client.send('GET', path, undefined, metadata)),
  }
  if (after > before) figures['resident memory of 10,000, MiB'] = after - before
  return figures
}

async function best(act: () => Promise<unknown>): Promise<number> {
  const { taken } = await run(LISTS, 1, act)
  return part(taken, 0.5)
}

async function paged(client: BareClient, path: string): Promise<void> {
  let token: string | undefined = ''
  do {
    const text: string = await client.send('GET', `${path}?limit=${PAGE}&continue=${token}`)
    // Before the items or behind them.
    token = /"continue":"([^"]+)"/.exec(text.slice(0, 1000) + text.slice(-1000))?.[1]
  } while (token !== undefined)
}

/** As a real API server tells it of itself; 0 where it does not. */
async function residentMebibytes(client: BareClient): Promise<number> {
  const text = await client.send('GET', '/metrics').catch(() => '')
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1] ?? 0) / 2 ** 20
}

/** The server in this process, as tests have it: how fast a fresh one is there, and what its objects weigh. */
async function benchStart(): Promise<Figures> {
  const begun = performance.now()
  await (await startApiServer()).close()
  const first = performance.now() - begun
  const { taken } = await run(STARTS, 1, async () => (await startApiServer()).close())
  const server = await startApiServer()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  await fill(server.url)
  globalThis.gc?.()
  const heap = (process.memoryUsage().heapUsed - before) / 2 ** 20
  await server.close()
  return {
    'first start in a process, ms': first,
    'start and end of a fresh one, ms': part(taken, 0.5),
    'heap of 10,000 ConfigMaps, MiB': heap,
  }
}

async function fill(url: string): Promise<void> {
  const create = async (index: number) => {
    const body = JSON.stringify({ metadata: { name: `object-${index}` }, data: { value: String(index) } })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/v1/namespaces/default/configmaps`, {
      method: 'POST',
      headers,
      body,
    })
    await answer.arrayBuffer()
  }
  await run(LISTED, 32, create)
}
