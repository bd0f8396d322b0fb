/** References to what is kept in Parameter Store or Secrets Manager, wherever a setting has them. */

/** Names, or ARNs, also of another region. */
const REFERENCE = /^(ssm:[A-Za-z0-9:._/-]+|secretsmanager:[A-Za-z0-9:._/+=@-]+)$/

export const isReference = (text: string): boolean => REFERENCE.test(text)

/** Those in a setting: it is one itself, or JSON with some among its strings. */
export function referencesIn(setting: string | undefined): string[] {
  if (setting === undefined) return []
  if (isReference(setting)) return [setting]
  return stringsIn(JSON.parse(setting)).filter(isReference)
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}
