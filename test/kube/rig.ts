/** What the tests of `kubeContract` stand on: one connection, a namespace of their own and the objects that they make there. */
import { after, before } from 'node:test'
import {
  INITIAL_END,
  type Kube,
  type KubeObject,
  type Resource,
  type WatchLine,
  type WatchOptions,
} from '../../lib/kube.ts'

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

export interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number }
  readonly status?: { readonly replicas?: number; readonly observedGeneration?: number }
}

export const configMaps: Resource<ConfigMap> = core('ConfigMap', 'configmaps', true)
export const deployments: Resource<Deployment> = { ...core('Deployment', 'deployments', true), group: 'apps' }
const namespaces: Resource = core('Namespace', 'namespaces', false)

function core(kind: string, plural: string, namespaced: boolean) {
  return { group: '', version: 'v1', kind, plural, namespaced }
}

/** A connection to test, to a server that it may share with others. */
export interface Subject {
  readonly kube: Kube
  /** Makes every earlier resourceVersion and continue token expire; a server that cannot be told to has none. */
  readonly expireHistory?: () => void
  close(): Promise<void>
}

/** `kube` and `expireHistory` are there once the suite has begun. */
export interface Rig {
  readonly namespace: string
  readonly kube: Kube
  readonly expireHistory: (() => void) | undefined
  /** A name that no other test uses. */
  nextKey(): { namespace: string; name: string }
  made(data?: Record<string, string>, labels?: Record<string, string>): Promise<ConfigMap>
  /** Lines of a watch of ConfigMaps up to the one that is `last`; `during` runs when the initial state has been told. */
  watched(
    options: Partial<WatchOptions>,
    last: (line: WatchLine<ConfigMap>) => boolean,
    during?: () => Promise<unknown>,
  ): Promise<WatchLine<ConfigMap>[]>
}

/** Starts the subject before the suite, and cleans up and closes it after. */
export function openRig(start: () => Promise<Subject>): Rig {
  const namespace = `contract-${process.pid}`
  let subject: Subject | undefined
  let objects = 0
  const running = () => {
    if (subject === undefined) throw new Error('the suite has not begun')
    return subject
  }
  before(async () => {
    subject = await start()
    await subject.kube.create(namespaces, { metadata: { name: namespace } })
  })
  after(async () => {
    await running().kube.delete(namespaces, { name: namespace })
    await running().close()
  })
  const nextKey = () => ({ namespace, name: `object-${objects++}` })
  return {
    namespace,
    get kube() {
      return running().kube
    },
    get expireHistory() {
      return running().expireHistory
    },
    nextKey,
    made: (data = {}, labels = {}) =>
      running().kube.create(configMaps, { metadata: { ...nextKey(), labels }, data }),
    async watched(options, last, during) {
      const lines: WatchLine<ConfigMap>[] = []
      let acting: Promise<unknown> | undefined
      const stream = running().kube.watch(configMaps, { namespace, timeoutSeconds: 20, ...options })
      for await (const line of stream) {
        lines.push(line)
        if (last(line)) break
        if (isInitialEnd(line)) acting = during?.()
      }
      await acting
      return lines
    },
  }
}

export const keyOf = ({ metadata }: KubeObject) => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
})

/** An apply of a ConfigMap. */
export const applyOf = (key: object, data: object, force = false) =>
  ({ type: 'apply', force, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data } }) as const

/** The bookmark that ends the initial state. */
export const isInitialEnd = (line: WatchLine): boolean =>
  line.type === 'BOOKMARK' && line.object.metadata.annotations?.[INITIAL_END] === 'true'
