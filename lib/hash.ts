/**
 * Short, stable, fast hashes of JSON: for telling "the same as before" across processes, never for security.
 */

/**
 * A 64-bit hash of a text as 14 base-36 characters. Two murmur-like 32-bit lanes over UTF-16 units: one pass, no allocation; collisions
 * are as rare as 64 bits allow (2^-32 at four billion texts of one object).
 */
export function hashText(text: string): string {
  let a = 0xdeadbeef ^ text.length
  let b = 0x41c6ce57 ^ text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  const high = (b >>> 0).toString(36).padStart(7, '0')
  return high + (a >>> 0).toString(36).padStart(7, '0')
}

/** JSON with sorted keys and without undefined: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}

/** The hash of a value's canonical JSON. */
export const hashJson = (value: unknown): string => hashText(canonicalJson(value))
