/** What one turn of a relay may use up: calls are counted, and lists that are under way are known. */
import type { Kube, ListOptions, Page, Resource, WatchLine, WatchOptions } from '../../lib/index.ts'
import type { Allowance } from '../../lib/queue/bounded.ts'
import { isInitialEnd } from '../../lib/watch/change.ts'

export interface Budget extends Allowance {
  /** The same API server. Each request is a call; none is refused, so that a list is read to its end. */
  counted(api: Kube): Kube
  /** Ends as if no calls were left; what is to be sent until then may still use those that are. */
  finish(): void
}

/** What a request tells of itself. */
interface Told {
  /** One call is made. */
  call(): void
  /** A list begins; what it returns tells its end. */
  list(): () => void
}

/**
 * A budget of so many calls. When they are used up `end` is called, or once no list is under way: a list that is cut short begins
 * anew, and who has not been told of everything is told of all of it again, so turns that ended in it would never get any further.
 */
export function startBudget(calls: number, end: () => void): Budget {
  let left = calls
  let isFinished = false
  const lists = new Set<object>()
  const settle = () => {
    if ((isFinished || left <= 0) && lists.size === 0) end()
  }
  const take = (wanted: number) => {
    const taken = Math.max(0, Math.min(wanted, left))
    left -= taken
    settle()
    return taken
  }
  const list = () => {
    const token = {}
    lists.add(token)
    return () => {
      lists.delete(token)
      settle()
    }
  }
  return {
    take,
    finish() {
      isFinished = true
      settle()
    },
    counted: (api) => countedKube(api, { call: () => void take(1), list }),
  }
}

function countedKube(api: Kube, told: Told): Kube {
  // Of the lists by pages, those whose next page has not been asked for yet: by its token.
  const between = new Map<string, () => void>()
  return {
    ...api,
    async list<T>(resource: Resource<T>, options: ListOptions = {}): Promise<Page<T>> {
      const { continue: token = '' } = options
      const end = between.get(token) ?? told.list()
      between.delete(token)
      told.call()
      let next: string | undefined
      try {
        const page = await api.list(resource, options)
        next = page.continue
        return page
      } finally {
        if (next) between.set(next, end)
        else end()
      }
    },
    async *watch<T>(resource: Resource<T>, options: WatchOptions) {
      const end = options.initial ? told.list() : () => {}
      told.call()
      try {
        for await (const line of api.watch(resource, options)) {
          yield line
          if (options.initial && isInitialEnd(line as WatchLine)) end()
        }
      } finally {
        end()
      }
    },
  }
}
