/** JSON in the characters that SQS takes: XML's, which are all of Unicode but control characters, surrogates, U+FFFE and U+FFFF. */

/** `JSON.stringify` escapes control characters and lone surrogates; the last two it leaves as they are. */
export const toText = (value: unknown): string =>
  JSON.stringify(value).replace(/[\uFFFE\uFFFF]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`)
