/** The verbs that prepare: the run's namespaces, and CRDs of its group. */
import { isObject, type JsonObject } from '../replay/json.ts'
import type { Page } from './page.ts'
import type { RequestVerbs } from './request.ts'

/** A CRD in few words: names follow from `kind`; one version `v1` with `schema` unless `versions` says otherwise. */
export interface CrdOptions {
  readonly kind: string
  readonly plural?: string
  readonly scope?: 'Namespaced' | 'Cluster'
  readonly names?: object
  readonly schema?: object | undefined
  readonly versions?: readonly CrdVersion[]
  readonly conversion?: object
  readonly group?: string
  readonly preserveUnknownFields?: boolean
  /** Whatever else the one version has. */
  readonly [version: string]: unknown
}

export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage?: boolean
  readonly [field: string]: unknown
}

interface Crd {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: { readonly kind: string; readonly plural: string; readonly [name: string]: unknown }
    readonly versions: readonly CrdVersion[]
    readonly [field: string]: unknown
  }
}

/** A CRD that is served, and its first served version. */
export interface Served {
  /** The path of the CRD. */
  readonly crd: string
  /** The collection in the run's namespace, or of the cluster. */
  readonly path: string
  /** The same of another version. Throws where that is not served. */
  pathOf(version: string): string
  readonly group: string
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  /** An object of the kind; `more` takes the place of fields. */
  obj(name: string, spec?: unknown, more?: object): JsonObject
}

export interface CrdVerbs {
  /** Makes the run's namespace, or with a suffix a further one, and returns its name. */
  ns(suffix?: string, labels?: Readonly<Record<string, string>>): Promise<string>
  /** A CRD as it would be sent. */
  crdObject(options: CrdOptions): Crd
  /** Makes a CRD and waits until all its versions are served. */
  crd(options: CrdOptions): Promise<Served>
}

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** The verbs, by those that send requests. */
export function crdVerbs({ post, wait }: RequestVerbs, { run }: Page): CrdVerbs {
  const namespace = `t-${run}`
  const crdObject = (options: CrdOptions) => toCrd(options, `${run}.example.com`)
  return {
    crdObject,
    async ns(suffix = '', labels) {
      const name = namespace + suffix
      const metadata = { name, ...(labels ? { labels } : {}) }
      await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata }, { setup: true })
      return name
    },
    async crd(options) {
      const crd = crdObject(options)
      const path = `${CRDS}/${crd.metadata.name}`
      await post(CRDS, crd, { setup: true })
      await wait(path, [{ pointer: '/status/conditions[type=Established]/status', equals: 'True' }], {
        setup: true,
        pick: ['/status/conditions', '/status/acceptedNames', '/status/storedVersions'],
      })
      const paths: Record<string, string> = {}
      for (const { name } of crd.spec.versions.filter(({ served }) => served)) {
        const all = `/apis/${crd.spec.group}/${name}/${crd.spec.names.plural}`
        await wait(all, [{ status: 200 }], { setup: true, pick: ['/apiVersion', '/kind', '/items'] })
        paths[name] = crd.spec.scope === 'Namespaced' ? inNamespace(all, namespace) : all
      }
      return toServed(crd, path, paths)
    },
  }
}

const inNamespace = (path: string, namespace: string): string =>
  path.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`)

function toCrd(options: CrdOptions, ownGroup: string): Crd {
  const { kind, names, schema = ANYTHING, scope = 'Namespaced', conversion, versions, ...rest } = options
  const singular = kind.toLowerCase()
  const { plural = `${singular}s`, group = ownGroup, preserveUnknownFields, ...version } = rest
  const only = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular, listKind: `${kind}List`, ...names },
      ...(conversion ? { conversion } : {}),
      ...(preserveUnknownFields === undefined ? {} : { preserveUnknownFields }),
      versions: versions ?? [{ ...only, ...version }],
    },
  }
}

function toServed({ spec }: Crd, crd: string, paths: Readonly<Record<string, string>>): Served {
  const { group, names } = spec
  const { kind, plural } = names
  const [first = '', path = ''] = Object.entries(paths)[0] ?? []
  const apiVersion = `${group}/${first}`
  return {
    crd,
    path,
    pathOf(version) {
      const found = paths[version]
      if (found === undefined) throw new Error(`${crd} serves no version ${version}`)
      return found
    },
    group,
    apiVersion,
    kind,
    plural,
    obj: (name, spec, more = {}) => toObject({ apiVersion, kind, metadata: { name }, spec, ...more }),
  }
}

/** As JSON: members that are undefined are left out. */
function toObject(value: object): JsonObject {
  const object: unknown = JSON.parse(JSON.stringify(value))
  return isObject(object) ? object : {}
}
