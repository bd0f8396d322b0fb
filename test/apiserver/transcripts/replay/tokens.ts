/** The tokens of transcripts: what each kind looks like, and which of them are promises about one value. */

const UID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const SECONDS = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'

/** The form of a value, by the kind of its token. */
const FORMS: Readonly<Record<string, string>> = {
  uid: UID,
  rv: '[1-9]\\d*',
  listrv: '[1-9]\\d*',
  continue: '[A-Za-z0-9_=.+/-]+',
  suffix: '[a-z0-9]{5}',
  ip: '[0-9a-f.:]+',
  port: '\\d+',
  time: `${SECONDS}Z`,
  microtime: `${SECONDS}\\.\\d{6}Z`,
  age: '(?:(?:\\d+[smhdy])+|<invalid>)',
  hash: '[0-9A-Za-z_+/=-]+',
  num: '\\d+',
  any: '[\\s\\S]+',
  jwt: '[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+',
}

/** A token, global: its first group is the kind, with `:N` where tokens are numbered. */
export const TOKEN =
  /<(run|Run|ca|webhook-addr|dead-addr|(?:uid|rv|listrv|continue|suffix|ip|port):\d+|time|microtime|age|hash|num|any|object|jwt)>/g

/** Does the text hold a token? */
export const hasToken = (text: string): boolean => text.search(TOKEN) >= 0

/** A numbered token stands for one value throughout a run; the others promise a form only. */
export const isNumbered = (token: string): boolean => token.includes(':')

/** A token that promises nothing but a form may stand in a request as it is. */
export const isFormOnly = (token: string): boolean =>
  /^<(any|object|time|microtime|age|hash|num|jwt)>$/.test(token)

/** The whole text is one allocated port: a number where it is JSON. */
export const isPort = (text: string): boolean => /^<port:\d+>$/.test(text)

/** `rv` and 3 of `<rv:3>`. */
export function partsOf(token: string): { readonly kind: string; readonly number: number } {
  const [kind = '', number] = token.slice(1, -1).split(':')
  return { kind, number: Number(number) }
}

/** The regular expression, as text, of what a token may stand for; a token without a form (`<run>`) stands for nothing unbound. */
export const formOf = (token: string): string => FORMS[partsOf(token).kind] ?? '(?!)'
