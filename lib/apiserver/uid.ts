/** Uids: from the system's randomness, or from a source that can be had again. */
import { randomUUID } from 'node:crypto'

/** Makes uids (RFC 9562, version 4) from numbers in [0, 1); without a source they are the system's. */
export function uidSource(random: (() => number) | undefined): () => string {
  if (random === undefined) return () => randomUUID()
  return () => {
    const bytes = Array.from({ length: 16 }, () => Math.floor(random() * 256))
    bytes[6] = 0x40 | ((bytes[6] ?? 0) & 0x0f)
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
}
