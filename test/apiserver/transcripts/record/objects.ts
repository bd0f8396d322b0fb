/** Objects and schemas that sources of scenarios write again and again, in few words. */

/** A ConfigMap. `metadata` is beside its name. */
export const configMap = (name: string, data?: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  ...(data ? { data } : {}),
})

/** The body of a DELETE. */
export const deleteOptions = (options: object) => ({ kind: 'DeleteOptions', apiVersion: 'v1', ...options })

/** The collection of CRDs. */
export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Schemas of a text, a whole number, an object and a list; `more` is beside what follows from the type. */
export const str = { type: 'string' }
export const int = { type: 'integer' }
export const obj = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
export const arr = (items: object, more: object = {}) => ({ type: 'array', items, ...more })
