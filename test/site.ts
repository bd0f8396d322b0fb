/** A kind for tests: small, with a status, and children where a test wants them. */
import * as z from 'zod'
import {
  ConfigMap,
  defineController,
  defineKind,
  defineOperator,
  type Controller,
  type Desired,
  type Kube,
  type ObjectOf,
} from '../lib/index.ts'

export const Site = defineKind({
  group: 'test.fairlead.dev',
  kind: 'Site',
  scope: 'Namespaced',
  versions: {
    v1: {
      storage: true,
      spec: z.object({ pages: z.array(z.string()).default([]), note: z.string().optional() }),
      status: z.object({ pages: z.int().optional(), phase: z.string().optional() }),
    },
  },
})
export type Site = ObjectOf<typeof Site>

export const siteKey = { namespace: 'default', name: 'docs' }

export const site = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'test.fairlead.dev/v1',
  kind: 'Site',
  metadata: { ...siteKey, ...metadata },
  spec,
})

/** One ConfigMap per page. */
export const pageFor = (page: string, data: Record<string, string> = { page }): ConfigMap & Desired => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: page },
  data,
})

type Options = Parameters<typeof defineController<Site>>[1]

/** A controller of sites: by default each page becomes a ConfigMap. */
export const sites = (options: Partial<Options> = {}): Controller<Site> =>
  defineController(Site, {
    owns: [ConfigMap],
    async reconcile(object, { apply, status }) {
      await apply(object.spec.pages.map((page) => pageFor(page)))
      status({ pages: object.spec.pages.length })
    },
    ...options,
  })

export const siteOperator = (options?: Partial<Options>) => defineOperator('sites', [sites(options)])

/** A connection on which a test does something just before or after a call. */
export function intercepted(
  api: Kube,
  hooks: { [V in keyof Kube]?: (...args: Parameters<Kube[V]>) => Promise<void> | void },
): Kube {
  const hook = (verb: keyof Kube, args: readonly unknown[]) => {
    const before: unknown = hooks[verb]
    return typeof before === 'function' ? before(...args) : undefined
  }
  return {
    ...api,
    async get(...args) {
      await hook('get', args)
      return api.get(...args)
    },
    async list(...args) {
      await hook('list', args)
      return api.list(...args)
    },
    async create(...args) {
      await hook('create', args)
      return api.create(...args)
    },
    async update(...args) {
      await hook('update', args)
      return api.update(...args)
    },
    async patch(...args) {
      await hook('patch', args)
      return api.patch(...args)
    },
    async delete(...args) {
      await hook('delete', args)
      return api.delete(...args)
    },
  }
}
