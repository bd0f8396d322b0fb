/** The grammar of Kubernetes names, and how a wrong value is shown. */

/** RFC 1123 label: names of namespaces and of most objects' parts. */
export const isLabel = (text: unknown): text is string =>
  typeof text === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)

/** RFC 1035 label: as RFC 1123, but starts with a letter. */
export const isLetterLabel = (text: unknown): text is string => isLabel(text) && /^[a-z]/.test(text)

/** RFC 1123 subdomain: labels with dots, 253 characters at most. */
export const isSubdomain = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.length <= 253 &&
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)

/** `prefix/name`, the form of finalizers: the prefix a subdomain, the name at most 63 characters. */
export function isQualifiedName(text: unknown): text is string {
  if (typeof text !== 'string') return false
  const [prefix, name, ...more] = text.split('/')
  return (
    more.length === 0 &&
    isSubdomain(prefix) &&
    /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name ?? '')
  )
}

const SHOWN = 80

/** A value as an error message shows it: JSON, cut. */
export function shown(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value))
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text
}
