/** Chance that can be had again: a failing seed reproduces. */
export { randomFrom } from '../lib/testing/random.ts'

export const pick = <T>(items: readonly T[], random: () => number): T =>
  items[Math.floor(random() * items.length)] as T
