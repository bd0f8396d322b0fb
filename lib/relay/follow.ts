/** One source, followed: each batch of its watch becomes messages for the outbox and a step for the ledger. */
import type { Clock } from '../clock.ts'
import type { Kube } from '../kube.ts'
import { keyText, type Lane } from '../message.ts'
import type { Happening, Report } from '../report.ts'
import { type Change, watch } from '../watch.ts'
import type { Atlas } from './atlas.ts'
import { causeOf, decide, type Judging, type Transition, type Wake } from './decide.ts'
import type { Ledger } from './ledger.ts'
import { toMessage } from './message.ts'
import type { Outbox, Parcel } from './outbox.ts'
import { startResync } from './resync.ts'
import { advance, cursorOf, type Track } from './track.ts'

interface Following {
  readonly api: Kube
  readonly cluster: string
  readonly clock: Clock
  readonly random: () => number
  readonly report: Report
  readonly idleSeconds?: number | undefined
  readonly atlas: Atlas
  readonly outbox: Outbox
}

/**
 * Follows one source until `signal` aborts; then it resolves. Now and then everything is listed and told again (resync), which
 * heals whatever was missed, here or by an author's function. `onStanding` is called when the source is synced, or when its
 * first trouble shows: nobody needs to wait for it any longer.
 */
export async function follow(
  track: Track,
  ledger: Ledger,
  using: Following & { onStanding(): void },
  signal: AbortSignal,
): Promise<void> {
  const { name: source, resource, namespace, selector } = track.source
  const report = (happening: Happening) => {
    using.report(happening.type === 'watch' ? { ...happening, source } : happening)
    using.onStanding()
  }
  const { api, clock, random, idleSeconds, outbox } = using
  const watching = { api, clock, random, idleSeconds, report, namespace, selector }
  while (!signal.aborted) {
    const resync = startResync(track, using, signal)
    try {
      for await (const { changes, cursor } of watch(resource, watching, track.cursor, resync.signal)) {
        const { parcels, puts, deletes } = digest(track, changes, using)
        track.cursor = cursorOf(track, cursor, clock.now())
        ledger.enter({ puts, deletes: [...deletes], cursor: track.cursor }, parcels)
        resync.moved()
        await outbox.room()
      }
    } finally {
      resync.end()
    }
  }
}

/** What a batch of changes means: what to send, and what to remember. */
function digest(track: Track, changes: readonly Change[], using: Following) {
  const writing = { puts: new Map<string, string>(), deletes: new Set<string>() }
  const judging = judgingOf(using)
  const transitions: Transition[] = []
  const parcels: Parcel[] = []
  const post = (wakes: readonly Wake[], lane: Lane, origin?: string) => {
    for (const wake of wakes) {
      const quietMs = wake.controller.quietSeconds * 1000
      parcels.push({ message: toMessage(wake, using.cluster, lane, origin), quietMs })
    }
  }
  for (const change of changes)
    for (const transition of advance(track, change, writing)) {
      transitions.push(transition)
      const wakes = decide(track.source, transition, judging)
      if (wakes.length > 0) tell(track, transition, using.report)
      post(wakes, transition.initial === undefined ? 'change' : 'background', transition.origin)
    }
  post(using.atlas.entered(track, transitions), 'background')
  return { parcels, ...writing }
}

const judgingOf = ({ atlas, report }: Following): Judging => ({
  isSelected: atlas.isSelected,
  isKnown: atlas.isKnown,
  failed(controller, key, error) {
    const text = error instanceof Error ? error.message : String(error)
    report({ type: 'failed', controller: controller.name, key: keyText(key), error: `predicate: ${text}` })
  },
})

function tell({ source }: Track, transition: Transition, report: Report): void {
  const { key } = transition
  report({
    type: 'changed',
    kind: source.resource.kind,
    key: keyText(key),
    cause: causeOf(transition, source),
  })
}
