/** Where a webhook is, in configurations of admission and in CRDs: what that looks like, and what is wrong with it. */
import type { JsonObject, Problem, Schema } from '../resource.ts'
import { isObject, numberAt, objectAt, stringAt } from '../schema/equal.ts'
import { portProblems, subdomainProblems } from '../schema/names.ts'
import { invalid, required } from '../schema/problem.ts'
import { byDefault, struct } from './dsl.ts'

/** Where a webhook is called: a URL, or a Service. */
export const webhookClientConfig: Schema = struct('WebhookClientConfig', {
  url: 'string?',
  service: struct('ServiceReference', {
    namespace: 'string!',
    name: 'string!',
    path: 'string?',
    port: byDefault('int32?', 443),
  }),
  caBundle: 'bytes',
})

/** What is wrong with the address of a webhook; CRDs ask it of their conversion webhooks too. */
export const clientProblems = (client: JsonObject, field: string): Problem[] => {
  const url = client.url
  if (isObject(client.service) === (typeof url === 'string'))
    return [required(field, 'exactly one of url or service is required')]
  return typeof url === 'string'
    ? urlProblems(url, `${field}.url`)
    : serviceProblems(objectAt(client, 'service'), `${field}.service`)
}

const desired = 'desired format: https://host[/path]'

const urlProblems = (text: string, field: string): Problem[] => {
  if (!URL.canParse(text)) return [invalid(field, text, `url must be a valid URL: ${desired}`)]
  const url = new URL(text)
  const scheme = url.protocol.slice(0, -1)
  const problems =
    scheme === 'https' ? [] : [invalid(field, scheme, `'https' is the only allowed URL scheme; ${desired}`)]
  if (url.host === '') problems.push(invalid(field, url.host, `host must be specified; ${desired}`))
  const user = url.password === '' ? url.username : `${url.username}:${url.password}`
  if (user !== '') problems.push(invalid(field, user, 'user information is not permitted in the URL'))
  if (url.hash !== '')
    problems.push(invalid(field, url.hash.slice(1), 'fragments are not permitted in the URL'))
  if (url.search !== '')
    problems.push(invalid(field, url.search.slice(1), 'query parameters are not permitted in the URL'))
  return problems
}

/** The real server looks for each of name and namespace and names the other. */
const serviceProblems = (service: JsonObject, field: string): Problem[] => [
  ...(stringAt(service, 'namespace') === '' ? [required(`${field}.name`)] : []),
  ...(stringAt(service, 'name') === '' ? [required(`${field}.namespace`)] : []),
  ...portProblems(numberAt(service, 'port') ?? 0).map((text) =>
    invalid(`${field}.port`, service.port ?? 0, `port is not valid: ${text}`),
  ),
  ...servicePathProblems(stringAt(service, 'path'), `${field}.path`),
]

const servicePathProblems = (path: string, field: string): Problem[] => {
  if (path === '' || path === '/') return []
  const problems = path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")]
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  const empty = (index: number): string[] => [`segment[${index}] may not be empty`]
  const texts = steps.flatMap((step, index) =>
    step === '' ? empty(index) : subdomainProblems(step).map((text) => `segment[${index}]: ${text}`),
  )
  return [...problems, ...texts.map((text) => invalid(field, path, text))]
}
