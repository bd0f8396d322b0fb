/** The ports of a query. */
import { badRequest } from '../status.ts'

/** Throws 400 for what is none. */
export function parsePorts(given: readonly string[]): number[] {
  return given.map((text) => {
    if (!/^\d+$/.test(text))
      throw badRequest(
        `cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
      )
    return Number(text)
  })
}
