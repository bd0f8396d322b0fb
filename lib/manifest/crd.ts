/** Custom kinds as CustomResourceDefinitions (apiextensions/v1): plain JSON, the same for the same definition. */
import type { Column, Scale } from '../kind/declaration.ts'
import type { Declaration, DeclaredVersion } from '../kind/declare.ts'
import type { Schema } from '../kind/structure.ts'
import { isCustom } from '../kind.ts'
import type { Resource } from '../kube.ts'

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: 'Namespaced' | 'Cluster'
    readonly names: {
      readonly kind: string
      readonly listKind: string
      readonly plural: string
      readonly singular: string
      readonly shortNames?: readonly string[]
      readonly categories?: readonly string[]
    }
    readonly versions: readonly CrdVersion[]
    readonly conversion?: object
  }
}

interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: true
  readonly deprecationWarning?: string
  readonly subresources?: { readonly status?: object; readonly scale?: object }
  readonly additionalPrinterColumns?: readonly object[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
  readonly schema: { readonly openAPIV3Schema: Schema }
}

/** The CRD of a kind made by `defineKind`, all its versions; undefined for a built-in kind. */
export function crdOf(kind: Resource<unknown>): CustomResourceDefinition | undefined {
  return isCustom(kind) ? definitionOf(kind.declaration) : undefined
}

function definitionOf(declaration: Declaration): CustomResourceDefinition {
  const { group, kind, plural, singular, scope, shortNames, categories, versions } = declaration
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(shortNames.length > 0 && { shortNames }),
        ...(categories.length > 0 && { categories }),
      },
      versions: versions.map(versionOf),
    },
  }
}

function versionOf(version: DeclaredVersion): CrdVersion {
  const { name, served, storage, deprecated, status, scale, columns = [], selectableFields = [] } = version
  return {
    name,
    served,
    storage,
    ...(deprecated && { deprecated: true }),
    ...(typeof deprecated === 'string' && { deprecationWarning: deprecated }),
    ...((status ?? scale) && {
      subresources: { ...(status && { status: {} }), ...(scale && { scale: scaleOf(scale) }) },
    }),
    // Without a column of ours the server shows NAME and AGE; with one it leaves AGE out.
    ...(columns.length > 0 && { additionalPrinterColumns: [...columns.map(columnOf), ...ageOf(columns)] }),
    ...(selectableFields.length > 0 && {
      selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })),
    }),
    schema: { openAPIV3Schema: version.schema },
  }
}

const columnOf = ({ path, ...column }: Column): object => ({ ...column, jsonPath: path })

const ageOf = (columns: readonly Column[]): object[] =>
  columns.some(({ name }) => name.toLowerCase() === 'age')
    ? []
    : [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }]

const scaleOf = ({ spec, status, selector }: Scale): object => ({
  specReplicasPath: spec,
  statusReplicasPath: status,
  ...(selector !== undefined && { labelSelectorPath: selector }),
})
