/** What kinds get from the server: the time, addresses of 10.0.0.0/24 and node ports, none twice while it is in use. */
import type { Allocations } from './resource.ts'

const FIRST_PORT = 30_000
const PORTS = 2_768
const ADDRESSES = 253

/** How many of each have been handed out. */
export interface Turns {
  addresses: number
  ports: number
}

/**
 * Allocates in turn, which it counts in `turns`. `isTaken` tells whether an address or port is still in use; when all are,
 * the next is handed out again, which is harmless where nothing routes to it.
 */
export function createAllocations(
  turns: Turns,
  isTaken: (value: string) => boolean,
  now: () => string,
): Allocations {
  const next = (count: number, make: (turn: number) => string): string => {
    let value = make(0)
    for (let attempt = 0; attempt < count; attempt++) {
      value = make(attempt)
      if (!isTaken(value)) return value
    }
    return value
  }
  return {
    clusterIP: () => next(ADDRESSES, () => `10.0.0.${2 + (turns.addresses++ % ADDRESSES)}`),
    now,
    nodePort: () => Number(next(PORTS, () => String(FIRST_PORT + (turns.ports++ % PORTS)))),
  }
}
