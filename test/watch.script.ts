/**
 * A Kube whose lists and watches are answered by hand: every call is kept, open, until the test sends lines, answers with a
 * page, ends it or fails it.
 */
import type { Kube, ListOptions, Page, Resource, WatchLine, WatchOptions } from '../lib/kube.ts'

/** A watch call that somebody made. */
export interface OpenWatch {
  readonly resource: Resource<unknown>
  readonly options: WatchOptions
  /** Lines as if they came in one chunk. */
  send(...lines: readonly WatchLine[]): void
  end(): void
  fail(error: unknown): void
  isOpen(): boolean
}

/** A list call that somebody made. */
export interface OpenList {
  readonly resource: Resource<unknown>
  readonly options: ListOptions
  answer(page: Page<object>): void
  fail(error: unknown): void
  isOpen(): boolean
}

export interface ScriptedKube {
  readonly api: Kube
  readonly watches: readonly OpenWatch[]
  readonly lists: readonly OpenList[]
}

/** For the verbs that no watch needs. */
export const refuse = (verb: string) => () => Promise.reject(new Error(`${verb} is not scripted`))

/** Nothing is answered until the test does. */
export function scriptedKube(): ScriptedKube {
  const watches: OpenWatch[] = []
  const lists: OpenList[] = []
  const api: Kube = {
    get: refuse('get'),
    create: refuse('create'),
    update: refuse('update'),
    patch: refuse('patch'),
    delete: refuse('delete'),
    list<T>(resource: Resource<T>, options: ListOptions = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<Page<T>>()
      let isOpen = true
      const fail = (error: unknown) => {
        isOpen = false
        reject(error)
      }
      const answer = (page: Page<object>) => {
        isOpen = false
        resolve(page as Page<T>)
      }
      options.signal?.addEventListener('abort', () => fail(options.signal?.reason))
      lists.push({ resource, options, answer, fail, isOpen: () => isOpen })
      return promise
    },
    async *watch<T>(resource: Resource<T>, options: WatchOptions) {
      const { open, next } = openWatch(resource, options)
      watches.push(open)
      for (let line = await next(); line !== undefined; line = await next()) yield line as WatchLine<T>
    },
  }
  return { api, watches, lists }
}

/** One watch call, and where its consumer gets the lines from. */
export function openWatch(resource: Resource<unknown>, options: WatchOptions) {
  const lines: WatchLine[] = []
  let end: { error?: unknown } | undefined
  let wake = () => {}
  const finish = (how: { error?: unknown }) => {
    end ??= how
    wake()
  }
  options.signal?.addEventListener('abort', () => {
    lines.length = 0
    finish({ error: options.signal?.reason })
  })
  const open: OpenWatch = {
    resource,
    options,
    send(...more) {
      lines.push(...more)
      wake()
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    isOpen: () => end === undefined,
  }
  const next = async (): Promise<WatchLine | undefined> => {
    while (true) {
      const line = lines.shift()
      if (line !== undefined) return line
      if (end && 'error' in end) throw end.error
      if (end) return undefined
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { open, next }
}
