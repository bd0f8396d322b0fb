/**
 * One watch stream as batches: lines that arrived together come out together, the reader is slowed down when the consumer
 * is slow, and a stream on which nothing is heard any more is given up. It knows nothing of resuming or of what lines mean.
 */
import type { Clock } from '../clock.ts'
import type { WatchLine } from '../kube.ts'

/** Lines held for a slow consumer before reading stops. */
const ROOM = 1_000

/** Microtasks within which the lines of one chunk follow each other through the layers below. */
const CHUNK_MICROTASKS = 16

/** How one stream ended: by the server, or given up because it was silent for too long. */
export type StreamEnd = 'ended' | 'silent'

/** What a stream needs beside its lines. `idleMs` is asked again each time, since the limit may change on the way. */
export interface Listening {
  readonly clock: Clock
  idleMs(): number
}

/** Calls `onSilent` once nothing was heard for the limit; `heard` puts it off without touching a timer per line. */
function startWatchdog({ clock, idleMs }: Listening, isPaused: () => boolean, onSilent: () => void) {
  let last = clock.now()
  let cancel = () => {}
  const arm = (milliseconds: number) => {
    cancel = clock.after(milliseconds, () => {
      // While we ourselves do not read, silence is not the server's; and the clock may have been set back.
      last = isPaused() ? clock.now() : Math.min(last, clock.now())
      const left = last + idleMs() - clock.now()
      if (left > 0) arm(left)
      else onSilent()
    })
  }
  arm(idleMs())
  return {
    heard: () => {
      last = clock.now()
    },
    stop: () => cancel(),
  }
}

/**
 * Opens a stream and yields its lines in batches of at least one. Throws what the stream throws, after the lines before
 * it were yielded. Abandoning it (`return()`) or aborting `signal` aborts the signal that `open` was given.
 */
export async function* stream<T>(
  open: (signal: AbortSignal) => AsyncIterable<WatchLine<T>>,
  listening: Listening,
  signal: AbortSignal,
): AsyncGenerator<readonly WatchLine<T>[], StreamEnd, undefined> {
  const giveUp = new AbortController()
  const lines: WatchLine<T>[] = []
  let end: { readonly type: StreamEnd } | { readonly type: 'broken'; readonly error: unknown } | undefined
  let wake = () => {}
  let resume: (() => void) | undefined
  const finish = (how: NonNullable<typeof end>) => {
    end ??= how
    wake()
  }
  const watchdog = startWatchdog(
    listening,
    () => resume !== undefined,
    () => finish({ type: 'silent' }),
  )
  const pump = async () => {
    try {
      for await (const line of open(AbortSignal.any([signal, giveUp.signal]))) {
        watchdog.heard()
        lines.push(line)
        wake()
        if (lines.length >= ROOM) await new Promise<void>((resolve) => (resume = resolve))
      }
      finish({ type: 'ended' })
    } catch (error) {
      finish({ type: 'broken', error })
    }
  }
  void pump()
  try {
    while (true) {
      if (lines.length > 0) {
        await gather(lines)
        const batch = lines.splice(0)
        resume?.()
        resume = undefined
        yield batch
      } else if (end === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else if (end.type === 'broken') throw end.error
      else return end.type
    }
  } finally {
    watchdog.stop()
    giveUp.abort()
    resume?.()
  }
}

/** Waits until no further line of the same chunk follows. */
async function gather(lines: readonly unknown[]): Promise<void> {
  for (let before = 0; before < lines.length && lines.length < ROOM; ) {
    before = lines.length
    for (let microtask = 0; microtask < CHUNK_MICROTASKS; microtask++) await undefined
  }
}
