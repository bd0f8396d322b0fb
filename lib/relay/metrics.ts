/** Counts what the relays of a process do and how their sources stand, as Prometheus reads it (text format 0.0.4). */
import type { Clock } from '../clock.ts'
import type { Happening, Report } from '../report.ts'

export interface RelayMetrics {
  /** What counts the relay of one cluster, which has these sources: hand it what that relay reports. */
  of(cluster: string, sources: readonly string[]): Report
  /** The relay of a cluster had failed and begins again. */
  restarted(cluster: string): void
  /** Sources that have not been synced once, by name. None: ready. */
  missing(): readonly string[]
  text(): string
}

type State = Extract<Happening, { type: 'watch' }>['state'] | 'starting'
type Store = Extract<Happening, { type: 'store' }>['store']

/** What is known of one cluster's relay. */
interface Tally {
  readonly cluster: string
  readonly states: Map<string, State>
  readonly unsynced: Set<string>
  readonly sent: Map<string, number>
  readonly refusing: Set<Store>
  sentAt: number | undefined
  restarts: number
}

/** Metrics of no cluster yet. */
export function relayMetrics(clock: Clock): RelayMetrics {
  const tallies = new Map<string, Tally>()
  return {
    of(cluster, sources) {
      const tally = newTally(cluster, sources)
      tallies.set(cluster, tally)
      return (happening) => count(tally, happening, clock)
    },
    restarted(cluster) {
      const tally = tallies.get(cluster)
      if (tally !== undefined) tally.restarts += 1
    },
    missing: () => [...tallies.values()].flatMap(({ unsynced }) => [...unsynced]),
    text() {
      const now = clock.now()
      return `${FAMILIES.map((family) => textOf(family, [...tallies.values()], now)).join('\n')}\n`
    },
  }
}

const newTally = (cluster: string, sources: readonly string[]): Tally => ({
  cluster,
  states: new Map(sources.map((source) => [source, 'starting'])),
  unsynced: new Set(sources),
  sent: new Map(),
  refusing: new Set(),
  sentAt: undefined,
  restarts: 0,
})

function count(tally: Tally, happening: Happening, clock: Clock): void {
  switch (happening.type) {
    case 'sent':
      tally.sent.set(happening.controller, (tally.sent.get(happening.controller) ?? 0) + 1)
      tally.sentAt = clock.now()
      break
    case 'watch':
      if (happening.source === undefined) break
      tally.states.set(happening.source, happening.state)
      if (happening.state === 'synced') tally.unsynced.delete(happening.source)
      break
    case 'store':
      if (happening.state === 'refusing') tally.refusing.add(happening.store)
      else tally.refusing.delete(happening.store)
  }
}

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  samples(
    tally: Tally,
    now: number,
  ): readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]
}

const STORES: readonly Store[] = ['queue', 'inventory']

const FAMILIES: readonly Family[] = [
  {
    name: 'fairlead_relay_sent_total',
    type: 'counter',
    help: 'Messages that the queue has accepted.',
    samples: ({ sent }) => [...sent].map(([controller, value]) => [{ controller }, value]),
  },
  {
    name: 'fairlead_relay_last_sent_seconds',
    type: 'gauge',
    help: 'Seconds since the queue has accepted a message.',
    samples: ({ sentAt }, now) => (sentAt === undefined ? [] : [[{}, (now - sentAt) / 1000]]),
  },
  {
    name: 'fairlead_relay_accepting',
    type: 'gauge',
    help: 'Whether the queue and the inventory take what the relay has for them.',
    samples: ({ refusing }) => STORES.map((store) => [{ store }, refusing.has(store) ? 0 : 1]),
  },
  {
    name: 'fairlead_relay_source_state',
    type: 'gauge',
    help: '1: how each source stands now (starting, synced, lost, missing, forbidden).',
    samples: ({ states }) => [...states].map(([source, state]) => [{ source, state }, 1]),
  },
  {
    name: 'fairlead_relay_sources',
    type: 'gauge',
    help: 'Sources that are watched.',
    samples: ({ states }) => [[{}, states.size]],
  },
  {
    name: 'fairlead_relay_sources_synced',
    type: 'gauge',
    help: 'Sources that have been synced once.',
    samples: ({ states, unsynced }) => [[{}, states.size - unsynced.size]],
  },
  {
    name: 'fairlead_relay_restarts_total',
    type: 'counter',
    help: 'How often the relay of a cluster had failed and began again.',
    samples: ({ restarts }) => [[{}, restarts]],
  },
]

function textOf({ name, type, help, samples }: Family, tallies: readonly Tally[], now: number): string {
  const lines = tallies.flatMap((tally) =>
    samples(tally, now).map(
      ([labels, value]) => `${name}{${labelsText({ cluster: tally.cluster, ...labels })}} ${value}`,
    ),
  )
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')
}

const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(
      ([label, value]) =>
        `${label}="${value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`,
    )
    .join(',')
