/**
 * Names and addresses: how a pod is called and how it finds others.
 */

import type { JsonObject, Problem } from '../../resource.ts'
import { isObject, listAt, stringAt } from '../../schema/equal.ts'
import { addressProblems } from '../../schema/address.ts'
import { labelProblems, subdomainProblems, underscoreProblems } from '../../schema/names.ts'
import { forbidden, invalid, required, tooLong } from '../../schema/problem.ts'
import { each, formed, formedIfAny, neededOneOf, textAt } from '../rules.ts'
import type { Place } from './place.ts'

const MAX_SERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_CHARS = 2048

/** What is wrong with `dnsPolicy` and `dnsConfig`. */
export const dnsProblems = ({ spec, field }: Place): Problem[] => {
  const policy = stringAt(spec, 'dnsPolicy')
  const config = spec.dnsConfig
  const at = `${field}.dnsConfig`
  const chosen = neededOneOf(policy, `${field}.dnsPolicy`, [
    'ClusterFirstWithHostNet',
    'ClusterFirst',
    'Default',
    'None',
  ])
  if (policy === 'None' && !isObject(config))
    return [...chosen, required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  if (policy === 'None' && listAt(config, 'nameservers').length === 0) {
    const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    return [...chosen, required(`${at}.nameservers`, text)]
  }
  return isObject(config) ? [...chosen, ...configProblems(config, at)] : chosen
}

const configProblems = (config: JsonObject, field: string): Problem[] => {
  const servers = listAt(config, 'nameservers').map(String)
  return [
    ...(servers.length > MAX_SERVERS
      ? [invalid(`${field}.nameservers`, servers, `must not have more than ${MAX_SERVERS} nameservers`)]
      : []),
    ...servers.flatMap((server, index) => formed(server, `${field}.nameservers[${index}]`, addressProblems)),
    ...searchesProblems(listAt(config, 'searches').map(String), `${field}.searches`),
    ...each(listAt(config, 'options'), `${field}.options`, (option, at) =>
      stringAt(option, 'name') === '' ? [required(at, 'must not be empty')] : [],
    ),
  ]
}

const searchesProblems = (searches: string[], field: string): Problem[] => {
  const chars = `must not have more than ${MAX_SEARCH_CHARS} characters (including spaces) in the search list`
  return [
    ...(searches.length > MAX_SEARCHES
      ? [invalid(field, searches, `must not have more than ${MAX_SEARCHES} search paths`)]
      : []),
    ...(searches.join(' ').length > MAX_SEARCH_CHARS ? [invalid(field, searches, chars)] : []),
    ...searches.flatMap((search, index) =>
      search === '.' ? [] : formed(search.replace(/\.$/, ''), `${field}[${index}]`, underscoreProblems),
    ),
  ]
}

const MAX_HOSTNAME = 64

/** What is wrong with the host names of a pod, and those that it gives to others. */
export const hostnamesProblems = ({ spec, field }: Place): Problem[] => {
  const override = textAt(spec, 'hostnameOverride')
  const at = `${field}.hostnameOverride`
  const set = override !== undefined
  return [
    ...(set && spec.setHostnameAsFQDN === true
      ? [forbidden(at, 'may not be specified when setHostnameAsFQDN is true')]
      : []),
    ...(set && spec.hostNetwork === true
      ? [forbidden(at, 'may not be specified when hostNetwork is true')]
      : []),
    ...(set && override.length > MAX_HOSTNAME ? [tooLong(at, MAX_HOSTNAME)] : []),
    ...formed(override, at, subdomainProblems),
    ...['hostname', 'subdomain'].flatMap((name) =>
      formedIfAny(stringAt(spec, name), `${field}.${name}`, labelProblems),
    ),
    ...each(listAt(spec, 'hostAliases'), `${field}.hostAliases`, (alias, item) => [
      ...formed(stringAt(alias, 'ip'), `${item}.ip`, addressProblems),
      ...listAt(alias, 'hostnames').flatMap((name, index) =>
        formed(String(name), `${item}.hostnames[${index}]`, subdomainProblems),
      ),
    ]),
  ]
}
