/** People at work, from outside: they make, change and delete objects, and lay hands on children. What they did is the truth. */
import { setTimeout as wait } from 'node:timers/promises'
import { ConfigMap, type Kube } from '../../lib/index.ts'
import { pick } from '../random.ts'
import { Hold, Probe } from './operator.ts'

/** One object from its making to its end. Times are milliseconds since the epoch. */
export interface Life {
  readonly key: string
  readonly uid: string
  deletedAt: number | undefined
}

export interface Truth {
  readonly lives: Life[]
  /** Changes by key, its making, its deletion and hands laid on its children included. */
  readonly changes: Map<string, number>
}

const KINDS = [Probe, Hold]
const NAMES = Array.from({ length: 30 }, (_, index) => `n${index}`)
/** Absent: no timer. */
const PERIODS = [undefined, undefined, 0.3, 1, 2.5]
const WORK_MS = [0, 0, 20, 150]

/** Where people work. */
export interface Place {
  readonly api: Kube
  readonly namespace: string
}

/** What they did, in numbers. */
export interface Deeds {
  readonly objects: number
  readonly deletes: number
  readonly changes: number
}

export const deedsOf = ({ lives, changes }: Truth): Deeds => ({
  objects: lives.length,
  deletes: lives.filter(({ deletedAt }) => deletedAt !== undefined).length,
  changes: [...changes.values()].reduce((sum, count) => sum + count, 0),
})

/**
 * People who do one thing after the other, `pauseMs` apart at most, until they are dismissed; what they could not do is told
 * then, to whoever dismisses them.
 */
export function employ(place: Place, truth: Truth, random: () => number, pauseMs: number) {
  let isDismissed = false
  const work = (async () => {
    while (!isDismissed) {
      await act(place, truth, random)
      await wait(random() * pauseMs)
    }
  })()
  work.catch(() => undefined)
  return {
    dismiss: () => {
      isDismissed = true
      return work
    },
  }
}

/** Does one random thing. What cannot be done to an object as it is does not happen. */
async function act({ api, namespace }: Place, truth: Truth, random: () => number): Promise<void> {
  const kind = pick(KINDS, random)
  const key = { namespace, name: pick(NAMES, random) }
  const id = `${kind.kind} ${namespace}/${key.name}`
  const pages = ['a', 'b'].filter(() => random() < 0.5).map((page) => pageName(kind.kind, key.name, page))
  const child = { namespace, name: pageName(kind.kind, key.name, pick(['a', 'b'], random)) }
  const periodSeconds = pick(PERIODS, random)
  const round = Math.floor(random() * 1e9)
  const spec = {
    round,
    pages,
    workMs: pick(WORK_MS, random),
    ...(periodSeconds === undefined ? {} : { periodSeconds }),
  }
  const dice = random()
  const changed = (times = 1) => void truth.changes.set(id, (truth.changes.get(id) ?? 0) + times)

  const live = await api.get(kind, key)
  if (live === undefined) return make()
  if (live.metadata.deletionTimestamp !== undefined) return
  if (dice < 0.15) return end(live)
  if (dice < 0.25) {
    await end(live)
    // With cleanup it may still be there, and then it is not made anew.
    return (await api.get(kind, key)) === undefined ? make() : undefined
  }
  if (dice < 0.35) return touch(() => api.delete(ConfigMap, child))
  if (dice < 0.45)
    return touch(() => api.patch(ConfigMap, child, EDIT, { fieldManager: 'someone' }).catch(() => undefined))
  changed()
  await api.update(kind, { ...live, spec }).catch(() => undefined)

  async function make() {
    changed()
    const { metadata } = await api.create(kind, { apiVersion: API, kind: kind.kind, metadata: key, spec })
    truth.lives.push({ key: id, uid: metadata.uid, deletedAt: undefined })
  }
  async function end({ metadata, spec }: NonNullable<typeof live>) {
    // Its children are collected one by one, and each may wake a namesake.
    changed(1 + spec.pages.length)
    await api.delete(kind, key, { uid: metadata.uid })
    const life = truth.lives.find(({ uid }) => uid === metadata.uid)
    if (life) life.deletedAt = Date.now()
  }
  async function touch(how: () => Promise<unknown>) {
    changed()
    await how()
  }
}

const API = 'torture.fairlead.dev/v1'
const EDIT = { type: 'merge', body: { data: { page: 'edited' } } } as const

const pageName = (kind: string, name: string, page: string): string => `${kind.toLowerCase()}-${name}-${page}`
