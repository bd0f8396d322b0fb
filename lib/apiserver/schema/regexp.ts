/**
 * Patterns of schemas, which are written for Go's regexp, as JavaScript has them.
 */

const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  word: '\\w',
  xdigit: 'A-Fa-f0-9',
}

/** Throws a SyntaxError when the pattern is none. */
export const toRegExp = (pattern: string): RegExp => {
  const [, flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  const source = pattern
    .slice(flags === '' ? 0 : flags.length + '(?)'.length)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll(/\[:([a-z]+):\]/g, (whole, name: string) => classes[name] ?? whole)
  // Where `u` means nothing it is left out: V8's engine that never backtracks, to which index.ts lets it turn, lacks it.
  const unicode = /[\u0080-\uffff]|\\[pPu]/.test(source) ? 'u' : ''
  try {
    return new RegExp(source, `${unicode}${flags}`)
  } catch (error) {
    // Without `u` JavaScript takes escapes that mean nothing, as Go does.
    if (error instanceof SyntaxError) return new RegExp(source, flags)
    throw error
  }
}
