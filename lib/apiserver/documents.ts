/** Documents about what is served: made when they are asked for, kept until it changes, and known by a hash of their content. */
import { createHash } from 'node:crypto'

/** A document, and the hash that stands for its content. */
export interface Document<T extends string | Buffer = string | Buffer> {
  readonly content: T
  readonly hash: string
  /** In milliseconds. */
  readonly made: number
}

export type Documents = Map<string, Document>

export const createDocuments = (): Documents => new Map()

/** Forgets what is about custom kinds or about all: the served ones have changed. */
export function forgetCustom(documents: Documents): void {
  for (const key of [...documents.keys()]) if (!key.startsWith(BUILTIN)) documents.delete(key)
}

/** How the keys of documents begin that are about built-in kinds alone. */
export const BUILTIN = 'built-in '

/** SHA-512 in big hexadecimal digits, as the real server names contents. */
export const hashOf = (content: string | Buffer): string =>
  createHash('sha512').update(content).digest('hex').toUpperCase()

/**
 * The document of that key; `make` is called when there is none yet. The hash is that of the content unless `hash` knows
 * another.
 */
export function documentOf(
  documents: Documents,
  key: string,
  now: number,
  make: () => string | Buffer,
  hash?: () => string,
): Document {
  const known = documents.get(key)
  if (known !== undefined) return known
  const content = make()
  const made = { content, hash: hash?.() ?? hashOf(content), made: now }
  documents.set(key, made)
  return made
}
