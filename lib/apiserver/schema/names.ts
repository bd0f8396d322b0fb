/**
 * The rules for names of apimachinery's `validation` package, with its texts. Each function returns what is wrong.
 */

const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const underscoredText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"
const wildcardText =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const qualifiedText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const prefixText = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const configKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const portNameText = 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'

const dotsText = 'must not contain dots'
const httpPathText = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"

const httpPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const underscored = /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const qualified = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

const longerThan = (value: string, max: number, unit: 'bytes' | 'characters'): string[] =>
  Buffer.byteLength(value) > max ? [`must be no more than ${max} ${unit}`] : []

/** RFC 1123 label: names of namespaces, services, containers. */
export const labelProblems = (value: string): string[] => [
  ...longerThan(value, 63, 'characters'),
  ...(label.test(value) ? [] : [subdomain.test(value) ? dotsText : labelText]),
]

/** RFC 1123 subdomain: names of most kinds, groups. Keys of labels count their prefixes in bytes, by name at least. */
export const subdomainProblems = (value: string, unit: 'bytes' | 'characters' = 'characters'): string[] => [
  ...longerThan(value, 253, unit),
  ...(subdomain.test(value) ? [] : [subdomainText]),
]

/** The same with underscores: search domains. */
export const underscoreProblems = (value: string): string[] => [
  ...longerThan(value, 253, 'characters'),
  ...(underscored.test(value) ? [] : [underscoredText]),
]

/** A subdomain below a wildcard, which stands alone in its first part. */
export const wildcardProblems = (value: string): string[] => [
  ...longerThan(value, 253, 'characters'),
  ...(value.startsWith('*.') && subdomain.test(value.slice(2)) ? [] : [wildcardText]),
]

/** Names of HTTP headers. */
export const headerNameProblems = (value: string): string[] =>
  /^[-A-Za-z0-9]+$/.test(value)
    ? []
    : [
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ]

/** RFC 1035 label: plurals, versions, short names. */
export const label1035Problems = (value: string): string[] => [
  ...longerThan(value, 63, 'characters'),
  ...(label1035.test(value) ? [] : [label1035Text]),
]

/** A name that stands between two slashes: RBAC. */
export const pathProblems = (value: string): string[] => {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((char) => value.includes(char)).map((char) => `may not contain '${char}'`)
}

/** A path below a domain (`acme.io/foo`): keys of what is known of a user besides. The values in question come first. */
export const domainPathProblems = (value: string): string[] => {
  const [, host = '', path = ''] = /^(.*?)\/(.*)$/s.exec(value) ?? []
  const refuse = (what: string, why: string) => `Invalid value: ${JSON.stringify(what)}: ${why}`
  if (host === '' || path === '')
    return [refuse(value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const problems = subdomainProblems(host).map((text) => refuse(host, text))
  return httpPath.test(path) ? problems : [...problems, refuse(path, httpPathText)]
}

/** `example.com/name` or `name`: keys of labels and annotations, finalizers. */
export const qualifiedProblems = (value: string): string[] => {
  const parts = value.split('/')
  const name = parts.at(-1) ?? ''
  if (parts.length > 2) return [`a valid label key ${qualifiedText}${prefixText}`]
  return [...(parts.length === 2 ? prefixProblems(parts[0] ?? '') : []), ...namePartProblems(name)]
}

const prefixProblems = (prefix: string): string[] =>
  prefix === ''
    ? ['prefix part must be non-empty']
    : subdomainProblems(prefix, 'bytes').map((text) => `prefix part ${text}`)

const namePartProblems = (name: string): string[] => [
  ...(name === ''
    ? ['name part must be non-empty']
    : longerThan(name, 63, 'bytes').map((text) => `name part ${text}`)),
  ...(qualified.test(name) ? [] : [`name part ${qualifiedText}`]),
]

/** Values of labels. */
export const labelValueProblems = (value: string): string[] => [
  ...longerThan(value, 63, 'bytes'),
  ...(value === '' || qualified.test(value) ? [] : [labelValueText]),
]

/** Keys of ConfigMaps and Secrets. */
export const configKeyProblems = (value: string): string[] => {
  const length = longerThan(value, 253, 'characters')
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) return [...length, configKeyText]
  if (value === '.' || value === '..') return [...length, `must not be '${value}'`]
  return value.startsWith('..') ? [...length, "must not start with '..'"] : length
}

/** Names of container ports, and of Service target ports. */
export const portNameProblems = (value: string): string[] => [
  ...(value.length > 15 ? ['must be no more than 15 characters'] : []),
  ...(/^[-a-z0-9]+$/.test(value) ? [] : [portNameText]),
  ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
  ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(/^-|-$/.test(value) ? ['must not begin or end with a hyphen'] : []),
]

/** Numbers of ports. */
export const portProblems = (value: number): string[] =>
  value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive']

/** Environment variables. */
export const envNameProblems = (value: string): string[] =>
  /^[\x20-\x3c\x3e-\x7e]+$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
