/** JSON as the text of a JavaScript module: what is in it more than once is written once. */

/** Shorter parts than this are not worth a name. */
const WORTH = 40

/** The text of a module that exports the value as `name`. Its equal parts are the same objects: they must not be changed. */
export function literalText(name: string, value: unknown): string {
  const counts = new Map<string, number>()
  count(value, counts)
  const names = new Map<string, string>()
  const lines: string[] = []
  const write = (part: unknown): string => {
    if (typeof part !== 'object' || part === null) return JSON.stringify(part)
    const whole = JSON.stringify(part)
    const known = names.get(whole)
    if (known !== undefined) return known
    const text = Array.isArray(part)
      ? `[${part.map(write).join()}]`
      : `{${Object.entries(part).map(([key, field]) => `${keyText(key)}:${write(field)}`)}}`
    if ((counts.get(whole) ?? 0) < 2) return text
    const made = `part${names.size}`
    names.set(whole, made)
    lines.push(`const ${made} = ${text}`)
    return made
  }
  const last = write(value)
  return [...lines, `export const ${name} = ${last}`, ''].join('\n')
}

/** Without the brackets it would be the prototype. */
const keyText = (key: string): string => (key === '__proto__' ? '["__proto__"]' : JSON.stringify(key))

/** What is inside of a part that was seen before is not counted again: it is written with it. */
function count(part: unknown, counts: Map<string, number>): void {
  if (typeof part !== 'object' || part === null) return
  const text = JSON.stringify(part)
  if (text.length < WORTH) return
  const before = counts.get(text) ?? 0
  counts.set(text, before + 1)
  if (before === 0) for (const inner of Object.values(part)) count(inner, counts)
}
