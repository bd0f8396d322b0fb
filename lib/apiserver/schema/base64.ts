/** Base64 as Go's `encoding/base64` reads it: the standard alphabet with padding, line breaks anywhere. */

const CHARACTER = /^[A-Za-z0-9+/\r\n=]$/

/** Why Go would not read the text, in its words; undefined where it does. */
export function base64Problem(text: string): string | undefined {
  const at = [...text].findIndex((character) => !CHARACTER.test(character))
  if (at >= 0) return `illegal base64 data at input byte ${at}`
  if (text.replaceAll(/[\r\n]/g, '').length % 4 === 0) return undefined
  return `illegal base64 data at input byte ${text.length - (text.length % 4)}`
}
