/**
 * What an author declares of a kind's conversions: an edge from one version to another is a function of spec and status.
 * Data only; `convert` follows the edges.
 */
import type * as z from 'zod'
import { shown } from '../kind/names.ts'
import type { CustomKind, KindVersion } from '../kind.ts'
import type { VersionDefinition } from '../kind/declaration.ts'
import type { Metadata } from '../kube.ts'

type Versions = Readonly<Record<string, VersionDefinition>>

type StatusIn<D extends VersionDefinition, S = NonNullable<D['status']>> = S extends z.ZodType
  ? Partial<z.output<S>>
  : never

/** What an edge is given: the object in the version that it comes from. Nothing has been validated against that version. */
export interface ConvertibleIn<D extends VersionDefinition> {
  readonly metadata: Pick<Metadata, 'name' | 'namespace' | 'labels' | 'annotations'>
  readonly spec: z.output<D['spec']>
  readonly status?: StatusIn<D>
}

/** What an edge returns. Metadata stays as it is but for what is given here. */
export interface ConvertedIn<D extends VersionDefinition> {
  readonly spec: z.input<D['spec']>
  readonly status?: StatusIn<D> | undefined
  /** All labels, where they are to differ. */
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

type Name<V> = keyof V & string

/** Edges by `from -> to`. Any pair is converted by the shortest way along them. */
export type Edges<V extends Versions> = {
  readonly [E in `${Name<V>} -> ${Name<V>}`]?: E extends `${infer From extends Name<V>} -> ${infer To extends Name<V>}`
    ? (object: ConvertibleIn<V[From]>) => ConvertedIn<V[To]>
    : never
}

export interface ConversionOptions {
  /**
   * Keeps what a version cannot hold in an annotation of the converted object, and puts it back on the way back unless
   * somebody changed it meanwhile. Costs the size of what is lost, 256 KiB at most (the limit of all annotations).
   */
  readonly keep?: boolean
}

/** One step of a conversion, its types forgotten. */
export type Edge = (object: {
  readonly metadata: object
  readonly spec: unknown
  readonly status?: unknown
}) => {
  readonly spec: unknown
  readonly status?: unknown
  readonly labels?: object
  readonly annotations?: object
}

/** The conversions of a kind. Made by `defineConversion`, which checks that every served version leads to every other. */
export interface Conversion {
  /** The kind in lower case: the last part of the path. */
  readonly name: string
  readonly kind: KindVersion
  readonly keep: boolean
  /** The steps from one version to another, the shortest way; empty for a version and itself. */
  way(from: string, to: string): readonly Edge[] | undefined
}

/**
 * Declares the conversions of a kind. Throws an Error with a line per edge that names no version, and per pair of versions
 * that no way leads between.
 */
export function defineConversion<V extends Versions>(
  kind: CustomKind<V>,
  edges: Edges<V>,
  { keep = false }: ConversionOptions = {},
): Conversion {
  const names = kind.declaration.versions.map(({ name }) => name)
  const graph = graphOf(edges as Readonly<Record<string, Edge | undefined>>)
  const ways = new Map<string, readonly Edge[]>()
  for (const from of names) for (const [to, way] of waysFrom(graph, from)) ways.set(`${from} -> ${to}`, way)
  const problems = problemsOf(edges, names, (pair) => ways.has(pair))
  if (problems.length > 0)
    throw new Error(problems.map((text) => `Conversion of "${kind.kind}": ${text}`).join('\n'))
  return {
    name: kind.kind.toLowerCase(),
    kind,
    keep,
    way: (from, to) => ways.get(`${from} -> ${to}`),
  }
}

type Graph = ReadonlyMap<string, ReadonlyMap<string, Edge>>

const endsOf = (pair: string): readonly [string, string] => {
  const [from = '', to = ''] = pair.split(' -> ')
  return [from, to]
}

function graphOf(edges: Readonly<Record<string, Edge | undefined>>): Graph {
  const graph = new Map<string, Map<string, Edge>>()
  for (const [pair, edge] of Object.entries(edges)) {
    const [from, to] = endsOf(pair)
    if (edge !== undefined) graph.set(from, (graph.get(from) ?? new Map<string, Edge>()).set(to, edge))
  }
  return graph
}

/** The shortest way to every version that can be reached, breadth first; the one declared first among equals. */
function waysFrom(graph: Graph, from: string): ReadonlyMap<string, readonly Edge[]> {
  const ways = new Map<string, readonly Edge[]>([[from, []]])
  for (const [at, way] of ways)
    for (const [to, edge] of graph.get(at) ?? []) if (!ways.has(to)) ways.set(to, [...way, edge])
  return ways
}

function problemsOf(edges: object, names: readonly string[], leads: (pair: string) => boolean): string[] {
  const problems: string[] = []
  for (const [pair, edge] of Object.entries(edges)) {
    const [from, to] = endsOf(pair)
    if (!names.includes(from) || !names.includes(to) || from === to)
      problems.push(`an edge must be "from -> to" of the versions ${names.join(', ')}, got ${shown(pair)}`)
    if (typeof edge !== 'function') problems.push(`edge ${pair} must be a function, got ${shown(edge)}`)
  }
  if (names.length < 2) problems.push(`there must be at least two versions, got ${shown(names)}`)
  for (const from of names)
    for (const to of names)
      if (!leads(`${from} -> ${to}`)) problems.push(`no way leads from ${from} to ${to}: add an edge`)
  return problems
}
