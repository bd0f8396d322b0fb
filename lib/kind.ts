/**
 * Kinds: what the rest of the house knows of one, and `defineKind`, which makes a custom one out of an author's zod
 * schemas. Everything that the API server would refuse later is refused here, all problems at once; nothing is sent
 * anywhere. Built-in kinds are in `lib/kind/builtin.ts`.
 */
import type * as z from 'zod'
import type { Condition } from './kind/condition.ts'
import type { KindDefinition, VersionDefinition } from './kind/declaration.ts'
import { type Declaration, type DeclaredVersion, declarationOf } from './kind/declare.ts'
import type { KubeObject, Resource } from './kube.ts'

/** A kind that a controller can be for: a custom one made by `defineKind`, or a handle of a built-in one. */
export interface Kind<T extends KubeObject = KubeObject> extends Resource<T> {
  readonly singular: string
  readonly shortNames: readonly string[]
  /**
   * True for kinds made by `defineKind` that have a status subresource: the framework keeps `observedGeneration` and
   * conditions there. The status of a built-in kind belongs to somebody else.
   */
  readonly ownStatus: boolean
}

/** The type of a kind's objects as the server returns them: defaults are filled. */
export type ObjectOf<K extends Resource<unknown>> = K extends Resource<infer T> ? T : never

/** The status fields that the framework writes on kinds of our own. */
interface OwnStatus {
  readonly observedGeneration?: number | undefined
  readonly conditions?: readonly Condition[] | undefined
}

/** The objects of a version: the spec with its defaults filled; a status is absent until it is first written. */
export type ObjectIn<D extends VersionDefinition> = KubeObject & {
  readonly spec: z.output<D['spec']>
} & (D extends { readonly status: infer S extends z.ZodObject }
    ? { readonly status?: Partial<Omit<z.output<S>, keyof OwnStatus>> & OwnStatus }
    : unknown)

/** An object as an author writes it: the defaults may be left out. */
export interface DesiredIn<D extends VersionDefinition> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: z.input<D['spec']>
}

/** A custom kind in one of its versions. */
export interface KindVersion<T extends KubeObject = KubeObject, D = object> extends Kind<T> {
  readonly declaration: Declaration
  /** Never set: carries the type of desired objects. */
  readonly $desired?: D
}

type Versions = Readonly<Record<string, VersionDefinition>>

/** The version that is stored: the one that says so, or the only one. */
type StorageOf<V extends Versions> = {
  [N in keyof V]: V[N] extends { readonly storage: true } ? N : never
}[keyof V] extends infer N
  ? [N] extends [never]
    ? keyof V
    : N
  : never

type HandleOf<D extends VersionDefinition> = KindVersion<ObjectIn<D>, DesiredIn<D>>

/** A custom kind. It is the handle of its storage version; `versions` has one for each. */
export type CustomKind<V extends Versions = Versions> = HandleOf<V[StorageOf<V> & keyof V]> & {
  readonly versions: { readonly [N in keyof V]: HandleOf<V[N]> }
}

/** The type of a custom kind's objects as an author writes them. */
export type DesiredOf<K extends Resource<unknown>> = K extends { readonly $desired?: infer D }
  ? NonNullable<D>
  : never

/** True for kinds made by `defineKind`. */
export const isCustom = (kind: Resource<unknown>): kind is KindVersion => 'declaration' in kind

/**
 * Declares a custom kind.
 *
 * Throws one Error with a line per problem, `Kind "MyApp": v1 spec.when: z.date() is not JSON: use z.iso.datetime()`,
 * where a name, a schema, a column or a rule is such that the API server would refuse it, or lose it in silence.
 */
export function defineKind<const V extends Versions>(definition: KindDefinition<V>): CustomKind<V> {
  const problems: string[] = []
  const declaration = declarationOf(definition, (text) => problems.push(`Kind "${definition.kind}": ${text}`))
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const handles = declaration.versions.map(
    (version) => [version.name, handleOf(declaration, version)] as const,
  )
  const storage = handles.find(
    ([, handle]) => handle.version === declaration.versions.find(({ storage: is }) => is)?.name,
  )
  return { ...storage?.[1], versions: Object.fromEntries(handles) } as CustomKind<V>
}

function handleOf(declaration: Declaration, version: DeclaredVersion): KindVersion {
  const { group, kind, plural, singular, scope, shortNames } = declaration
  return {
    group,
    version: version.name,
    kind,
    plural,
    namespaced: scope === 'Namespaced',
    singular,
    shortNames,
    ownStatus: version.status !== undefined,
    declaration,
  }
}
