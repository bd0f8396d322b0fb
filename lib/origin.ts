/**
 * Origins: a text for one change of one object, the same in every relay that sees the change, so that a queue that drops
 * duplicates (by key and origin together) takes the second relay's message for the first's. Who is dropped so must have
 * nothing to say that happened after the other was sent: a message that cannot promise this has no origin.
 */
import { hashText } from './hash.ts'

const GONE = 'gone'

/** The object was created or written: every write has a version of its own. */
export const originOfWrite = (object: { readonly uid: string; readonly resourceVersion: string }): string =>
  `${object.uid}:${object.resourceVersion}`

/** The object was deleted: that happens once to a uid. */
export const originOfEnd = (uid: string): string => `${uid}:${GONE}`

/** The object left a selection. It may come back and leave again, so the version tells which time this was. */
export const originOfLeaving = (object: { readonly uid: string; readonly resourceVersion: string }): string =>
  `${originOfWrite(object)}:${GONE}`

/**
 * The origin of a message that stands for two. Of two changes of one object the later one stands for both: who sent it had
 * seen the earlier. Otherwise it is neither's: another relay may have sent the one before the other had happened, and both
 * would be dropped for it. None where one of the two has none.
 */
export function mergeOrigins(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined
  if (one === other || isLater(one, other)) return one
  if (isLater(other, one)) return other
  return `+${hashText(JSON.stringify([one, other]))}`
}

/** Whether `one` is a later change of the same object. What was made of several is of no object: it has one part only. */
function isLater(one: string, other: string): boolean {
  const [uid, version] = one.split(':')
  const [otherUid, otherVersion] = other.split(':')
  if (uid !== otherUid || version === undefined || otherVersion === undefined) return false
  return version === GONE || isLaterVersion(version, otherVersion)
}

/** resourceVersions of one resource compare as numbers of any size (KEP-5504); other strings can only be equal. */
export function isLaterVersion(one: string, other: string): boolean {
  if (!isVersionNumber(one) || !isVersionNumber(other)) return false
  return one.length === other.length ? one > other : one.length > other.length
}

const isVersionNumber = (version: string): boolean => /^[1-9][0-9]*$/.test(version)
