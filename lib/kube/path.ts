/**
 * Where a request goes: the absolute path and query of a call, escaped. Names that would leave their place in the path are
 * refused here, because `fetch` and proxies normalise `..` before the API server sees it.
 */
import { ApiError, type Resource } from '../kube.ts'

/** What is addressed within a resource: all of it, one namespace of it, one object, or a part of one object. */
export interface Place {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>

/** The path of a resource or object. Throws ApiError 400 `BadRequest` for a name that cannot be a path segment. */
export function pathOf(resource: Resource<unknown>, place: Place): string {
  const { namespace, name, subresource } = place
  let path =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  if (resource.namespaced && namespace !== undefined) path += `/namespaces/${segment(resource, namespace)}`
  path += `/${resource.plural}`
  if (name === undefined) return path
  if (resource.namespaced && namespace === undefined)
    throw badRequest(resource, `"${name}" has no namespace, and the kind is namespaced`)
  path += `/${segment(resource, name)}`
  return subresource === undefined ? path : `${path}/${segment(resource, subresource)}`
}

/** `?a=b&c=d`, or nothing. */
export function queryOf(query: Query): string {
  let text = ''
  for (const name in query) {
    const value = query[name]
    if (value !== undefined) text += `${text === '' ? '?' : '&'}${name}=${encodeURIComponent(value)}`
  }
  return text
}

/** A call that is wrong before it is sent: the same code and reason as when the server refuses it. */
export const badRequest = (resource: Resource<unknown>, problem: string): ApiError =>
  new ApiError(400, 'BadRequest', `${resource.kind}: ${problem}`)

/** The API server's own rule for path segments (apimachinery `path.IsValidPathSegmentName`). */
function segment(resource: Resource<unknown>, name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('%'))
    throw badRequest(resource, `${JSON.stringify(name)} cannot be a name in a path`)
  return encodeURIComponent(name)
}
