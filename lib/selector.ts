/**
 * Label selectors as kubectl writes them (`app=web,tier in (a,b),!legacy`): parsed once, matched in process. What the API
 * server selects it selects itself; this is for live reads and for namespaces.
 */

/** One requirement of a selector; all must hold. */
export interface Requirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent'
  readonly values: readonly string[]
}

type Labels = Readonly<Record<string, string>> | undefined

const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/
const SET = /^(\S+)\s+(in|notin)\s+\(([^()]*)\)$/
const EQUALITY = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/

/** Parses a label selector. Throws an Error that names the part that is wrong. */
export function parseLabelSelector(text: string): readonly Requirement[] {
  if (text.trim() === '') return []
  // A comma inside `in (a,b)` does not end a requirement.
  return text.split(/,(?![^(]*\))/).map((part) => parseRequirement(part.trim()))
}

function parseRequirement(part: string): Requirement {
  const set = SET.exec(part)
  if (set)
    return checked(part, set[1], { operator: set[2] === 'in' ? 'in' : 'notin', values: split(set[3] ?? '') })
  const equality = EQUALITY.exec(part)
  if (equality)
    return checked(part, equality[1], {
      operator: equality[2] === '!=' ? 'notin' : 'in',
      values: [equality[3] ?? ''],
    })
  if (part.startsWith('!')) return checked(part, part.slice(1).trim(), { operator: 'absent', values: [] })
  return checked(part, part, { operator: 'exists', values: [] })
}

const split = (values: string): string[] => values.split(',').map((value) => value.trim())

function checked(part: string, key = '', rest: Omit<Requirement, 'key'>): Requirement {
  if (!KEY.test(key)) throw new Error(`label selector part "${part}": "${key}" is not a label key`)
  const wrong = rest.values.find((value) => !VALUE.test(value))
  if (wrong !== undefined) throw new Error(`label selector part "${part}": "${wrong}" is not a label value`)
  return { key, ...rest }
}

/** Whether labels satisfy a selector. No selector selects everything. `notin` holds for an absent label, as in Kubernetes. */
export function matchesLabels(selector: string | undefined, labels: Labels): boolean {
  if (selector === undefined) return true
  return parseLabelSelector(selector).every(({ key, operator, values }) => {
    const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
    if (operator === 'exists') return value !== undefined
    if (operator === 'absent') return value === undefined
    if (value === undefined) return operator === 'notin'
    return values.includes(value) === (operator === 'in')
  })
}

/** The same as terms of a `matchExpressions` (meta/v1 LabelSelectorRequirement). Throws as `parseLabelSelector` does. */
export const selectorTerms = (text: string): object[] =>
  parseLabelSelector(text).map(({ key, operator, values }) => ({
    key,
    operator: OPERATORS[operator],
    ...(values.length > 0 && { values }),
  }))

const OPERATORS = { in: 'In', notin: 'NotIn', exists: 'Exists', absent: 'DoesNotExist' } as const
