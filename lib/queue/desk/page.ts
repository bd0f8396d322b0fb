/** Long lists in pages: by key, each page going on where the one before ended. */

/** What a page shows, and the key to go on after; without `next` it is the last. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}

export const MOST_ITEMS = 1_000

/** Characters of a page, unless one item alone has more: some thousand messages of the usual sort. */
const MOST_CHARACTERS = 1024 * 1024

/**
 * The items after a key, `limit` at most. Keys must be unique. Keys that come and go between two pages are shown or not; all
 * others are shown once.
 */
export function pageOf<Item extends { readonly key: string }>(
  all: readonly Item[],
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Page<Item> {
  const left = all
    .filter(({ key }) => after === undefined || key > after)
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const items: Item[] = []
  let size = 0
  for (const item of left.slice(0, limit)) {
    size += JSON.stringify(item).length
    if (size > MOST_CHARACTERS && items.length > 0) break
    items.push(item)
  }
  const last = items.at(-1)
  return items.length < left.length && last !== undefined ? { items, next: last.key } : { items }
}
