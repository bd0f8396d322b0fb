/** Texts for people as `Warning` headers: quoted, and cut where a client could not take them all. */

/** Beyond this many characters in all, warnings are cut to the second number (k8s.io/apiserver/pkg/endpoints/filters/warning.go). */
const MAX_WARNINGS_LENGTH = 4 * 1024
const MAX_WARNING_LENGTH = 256

/** A header for each distinct warning, by RFC 7234 with the code for "miscellaneous persistent". Never too much to send. */
export function warningsOf(given: readonly string[]): string[] {
  const texts = [...new Set(given)].filter((text) => text !== '')
  const isLong = texts.reduce((length, text) => length + text.length, 0) > MAX_WARNINGS_LENGTH
  if (!isLong) return texts.map(warning)
  const kept: string[] = []
  let length = 0
  for (const text of texts) {
    const cut = text.slice(0, MAX_WARNING_LENGTH)
    length += cut.length
    if (length > MAX_WARNINGS_LENGTH) break
    kept.push(warning(cut))
  }
  return kept
}

function warning(text: string): string {
  const quoted = text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ')
  // A header is bytes: node writes the characters of its text as such.
  return `299 - "${Buffer.from(quoted).toString('latin1')}"`
}
