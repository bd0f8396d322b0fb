/** What kinds get from the server: the time, addresses of 10.0.0.0/24 and node ports, none twice while it is in use. */
import type { Allocations } from './resource.ts'
import { printedAddress } from './schema/cidr.ts'

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
    refuseAddress: (address) => {
      const why = outOfRange(address)
      return why ?? (isTaken(address) ? 'provided IP is already allocated' : undefined)
    },
    refusePort: (port) => {
      if (port < FIRST_PORT || port >= FIRST_PORT + PORTS)
        return `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${FIRST_PORT + PORTS - 1}`
      return isTaken(String(port)) ? 'provided port is already allocated' : undefined
    },
  }
}

const outOfRange = (address: string): string | undefined => {
  const printed = printedAddress(address)
  const [, last] = /^10\.0\.0\.(\d+)$/.exec(printed) ?? []
  if (last !== undefined && Number(last) >= 1 && Number(last) <= ADDRESSES + 1) return undefined
  return `the provided IP (${printed}) is not in the valid range. The range of valid IPs is 10.0.0.0/24`
}

/** What a dry run is told: the address of the network itself, ports beyond all ranges, and little of what is taken. */
export function dryAllocations(real: Allocations): Allocations {
  let port = FIRST_PORT + PORTS
  return {
    ...real,
    clusterIP: () => '10.0.0.0',
    nodePort: () => ++port,
    refuseAddress: outOfRange,
    refusePort: (asked) => {
      const why = real.refusePort(asked)
      return why?.includes('already') === true ? why : undefined
    },
  }
}
