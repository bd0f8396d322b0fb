/** Hashes in the names of ReplicaSets and ControllerRevisions: up to ten letters, as the real ones look. */
import { canonicalJson } from '../../hash.ts'
import type { Json } from '../resource.ts'

/** In place of digits: letters that make no words. */
const LETTERS = 'bcdfghjklm'

/** Equal JSON has equal hashes, whatever the order of its keys. `collisions` makes another one of the same. */
export function hashOf(value: Json, collisions: number): string {
  const text = `${canonicalJson(value)}${collisions === 0 ? '' : collisions}`
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return [...String(hash >>> 0)].map((digit) => LETTERS[Number(digit)]).join('')
}
