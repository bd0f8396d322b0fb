/** Fields that a YAML (or JSON) text has twice, in the words of go-yaml's strict mode. */
import type { LineCounter, Node } from 'yaml'
import { yaml } from './yaml.ts'

/** `line 4: key "a" already set in map` for each, in the order of the text, which was read before. */
export function yamlDuplicates(text: string): string[] {
  const { LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, lineCounter: lines })
  const found: string[] = []
  collect(document.contents, lines, found)
  return found
}

function collect(node: unknown, lines: LineCounter, found: string[]): void {
  const { isMap, isScalar, isSeq } = yaml()
  if (isSeq(node)) for (const item of node.items) collect(item, lines, found)
  if (!isMap(node)) return
  const seen = new Set<string>()
  for (const { key, value } of node.items) {
    collect(value, lines, found)
    const name = isScalar(key) ? String(key.value) : undefined
    if (name === undefined) continue
    // go-yaml notices a doubled key when it has the second value in hand, and names the line of that.
    if (seen.has(name))
      found.push(`line ${lineOf(value ?? key, lines)}: key ${JSON.stringify(name)} already set in map`)
    seen.add(name)
  }
}

const lineOf = (node: unknown, lines: LineCounter): number =>
  lines.linePos((node as Node).range?.[0] ?? 0).line
