/** Calls to many Durable Objects. */

/** Calls under way at once: a burst must not fill the memory of whoever makes them. */
const AT_ONCE = 100

/** One call for each, results in their order; all that are under way are waited for before the first failure is thrown. */
export async function forEachOf<T, R>(all: readonly T[], call: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const settled = await Promise.allSettled(all.slice(from, from + AT_ONCE).map(call))
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason
      results.push(one.value)
    }
  }
  return results
}
