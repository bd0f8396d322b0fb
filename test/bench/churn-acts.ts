/**
 * What people do in the `churn` benchmark, and what must have come of it. The same seed does the same things in the same order,
 * whoever is measured.
 */
import { sleep, systemClock as clock } from '../../lib/clock.ts'
import { ConfigMap, type Kube } from '../../lib/index.ts'
import { pick } from '../random.ts'
import { ownerOf, Sample, sampleNamed } from './target.ts'

/** One change, of the object `sample-INDEX`. */
export interface Act {
  readonly type: 'patch' | 'create' | 'delete'
  readonly index: number
  /** What its spec says from then on. */
  readonly value: number
}

/** Beyond any index, so that no change writes what was there already. */
const FIRST_VALUE = 1_000_000
/** This part of the changes are deletions and creations, in turns. */
const TURNOVER = 0.1
/** This part of the creations takes the name that went last, while its child may still be on its way out. */
const NAMESAKES = 0.5

/** `count` changes of `objects` objects; their number stays as it is, or is one less. */
export function* actsOn(objects: number, count: number, random: () => number): Iterable<Act> {
  const live = Array.from({ length: objects }, (_, index) => index)
  const gone: number[] = []
  let next = objects
  for (let value = FIRST_VALUE; value < FIRST_VALUE + count; value++) {
    if (random() >= TURNOVER) {
      yield { type: 'patch', index: pick(live, random), value }
    } else if (live.length < objects) {
      const index = (random() < NAMESAKES ? gone.pop() : undefined) ?? next++
      live.push(index)
      yield { type: 'create', index, value }
    } else {
      const index = pick(live, random)
      live[live.indexOf(index)] = live.at(-1) ?? index
      live.pop()
      gone.push(index)
      yield { type: 'delete', index, value }
    }
  }
}

export interface Acting {
  readonly namespace: string
  readonly perSecond: number
  /** Told of each act when its turn has come. */
  onAct(act: Act): void
}

/** Requests under way at once; where the server is slower than that, the acts come late. */
const LANES = 100
/** So late that another number of changes per second was measured. */
const LATE_MS = 60_000

/**
 * Does one after the other at an even rate, what concerns one object in its order, and resolves when the last one is done.
 * Rejects with the first that the server refuses, when `signal` aborts, and when the server is not up to the rate.
 */
export async function actAtRate(
  api: Kube,
  acts: Iterable<Act>,
  { namespace, perSecond, onAct }: Acting,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  const ending = AbortSignal.any([signal, failed.signal])
  const doing = new Map<number, Promise<void>>()
  let due = performance.now()
  for (const act of acts) {
    due += 1000 / perSecond
    await sleep(clock, due - performance.now(), ending)
    while (doing.size >= LANES) await Promise.race(doing.values())
    if (performance.now() > due + LATE_MS)
      throw new Error(`no ${perSecond} changes per second: the server lags`)
    onAct(act)
    const before = doing.get(act.index) ?? Promise.resolve()
    const now = before.then(() => perform(api, namespace, act, ending))
    doing.set(act.index, now)
    const done = () => void (doing.get(act.index) === now && doing.delete(act.index))
    now.then(done, (error) => failed.abort(error))
  }
  await Promise.all(doing.values())
}

async function perform(
  api: Kube,
  namespace: string,
  { type, index, value }: Act,
  signal: AbortSignal,
): Promise<void> {
  const sample = sampleNamed(namespace, index)
  const spec = { value }
  if (type === 'create') await api.create(Sample, { ...sample, spec }, { signal })
  else if (type === 'delete') await api.delete(Sample, sample.metadata, { signal })
  else await api.patch(Sample, sample.metadata, { type: 'merge', body: { spec } }, { signal })
}

/** The value that each object should have, by index. */
export type Wanted = Map<number, number>

/** Makes what is wanted what it is after an act. */
export function want(wanted: Wanted, { type, index, value }: Act): void {
  if (type === 'delete') wanted.delete(index)
  else wanted.set(index, value)
}

/** What is not as it should be, a line each: objects without their status, and without their child. */
export async function problemsIn(
  api: Kube,
  namespace: string,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<string[]> {
  const pages = [api.list(Sample, { namespace, signal }), api.list(ConfigMap, { namespace, signal })] as const
  const [samples, children] = await Promise.all(pages)
  const found = new Map(samples.items.map((sample) => [sample.metadata.name, sample]))
  const childOf = new Map(children.items.map((child) => [child.metadata.name, child]))
  return [...wanted].flatMap(([index, value]) => {
    const { name } = sampleNamed(namespace, index).metadata
    const [sample, child] = [found.get(name), childOf.get(name)]
    if (sample?.spec.value !== value) return [`${name} is not there with ${value}`]
    if (sample.status?.value !== value)
      return [`${name} has the status ${sample.status?.value}, not ${value}`]
    if (child?.data?.value !== String(value)) return [`${name} has no child with ${value}`]
    const { uid } = ownerOf(sample)
    const isOwned = child.metadata.ownerReferences?.some((owner) => owner.uid === uid)
    return isOwned ? [] : [`${name} has the child of a namesake`]
  })
}
