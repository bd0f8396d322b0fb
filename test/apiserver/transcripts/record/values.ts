/** The values of one run that are known by where they stand: generated names, continue tokens, allocated addresses and ports. */
import { isObject, type Json } from '../replay/json.ts'
import { lookup } from '../replay/pointer.ts'
import type { Recorded } from './page.ts'
import { receivedIn, sentBody } from './walk.ts'

export interface Values {
  /** Tokens of whole texts. */
  readonly exact: Map<string, string>
  /** What generated names are written as. */
  readonly names: Map<string, string>
  readonly ports: Map<number, string>
}

/** Collects them, numbered in the order of the steps. */
export function collectValues(steps: readonly Recorded[]): Values {
  const values: Values = { exact: new Map(), names: new Map(), ports: new Map() }
  const counts = new Map<string, number>()
  const next = (kind: string): string => {
    const number = (counts.get(kind) ?? 0) + 1
    counts.set(kind, number)
    return `<${kind}:${number}>`
  }
  for (const recorded of steps) collectStep(values, recorded, next)
  return values
}

function collectStep(
  { exact, names, ports }: Values,
  recorded: Recorded,
  next: (kind: string) => string,
): void {
  const generated = generatedName(recorded)
  if (generated !== undefined && !names.has(generated.name))
    names.set(generated.name, generated.prefix + next('suffix'))
  const sent = JSON.stringify(sentBody(recorded) ?? '')
  const isAnswered = recorded.step.request !== undefined || recorded.step.watch !== undefined
  for (const { object } of receivedIn(recorded)) {
    const token = lookup(object, '/metadata/continue')
    if (typeof token === 'string' && token !== '' && !exact.has(token)) exact.set(token, next('continue'))
    // What the request names itself is test data.
    for (const address of isAnswered ? addressesOf(object.clusterIP, object.clusterIPs) : [])
      if (!exact.has(address) && !sent.includes(`"${address}"`)) exact.set(address, next('ip'))
    const { nodePort } = object
    if (typeof nodePort === 'number' && nodePort !== 0 && !ports.has(nodePort))
      if (!sent.includes(`"nodePort":${nodePort}`)) ports.set(nodePort, next('port'))
  }
}

const addressesOf = (one: Json | undefined, more: Json | undefined): string[] =>
  [one, ...(Array.isArray(more) ? more : [])].filter(
    (address): address is string => typeof address === 'string' && /^[0-9a-f.:]+$/.test(address),
  )

/** The name that the server made of a `generateName`, five characters longer; a refusal tells it as well. */
function generatedName(recorded: Recorded): { readonly name: string; readonly prefix: string } | undefined {
  const metadata = lookup(sentBody(recorded), '/metadata')
  const prefix = isObject(metadata) && !metadata.name ? metadata.generateName : undefined
  const name = lookup(recorded.raw, '/metadata/name') ?? lookup(recorded.raw, '/details/name')
  if (typeof prefix !== 'string' || prefix === '' || typeof name !== 'string') return undefined
  return name.startsWith(prefix) && name.length === prefix.length + 5 ? { name, prefix } : undefined
}
