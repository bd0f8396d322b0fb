/** Text in double quotes as Go's `%q` prints it, which most refusals do with what clients sent. */

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** What Go's `strconv.IsPrint` takes for unprintable, and what has an escape of its own. */
const STRANGE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** `"a\x01b"` */
export const goQuote = (text: string): string => `"${text.replaceAll(STRANGE, escaped)}"`

function escaped(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  const code = character.codePointAt(0) ?? 0
  const hex = (digits: number) => code.toString(16).padStart(digits, '0')
  if (code < 128) return `\\x${hex(2)}`
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`
}
