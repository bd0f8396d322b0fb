/**
 * Whether a field manager still owns everything that it applied. The API server takes a field from its owner as soon as
 * somebody else changes it (KEP-555), so unbroken ownership means unbroken values, with no knowledge of schemas, of defaults
 * or of how the server writes quantities.
 */
import type { FieldsV1 } from '../kube.ts'

/** True when every field of `desired` lies in `fields`. Null, undefined and empty containers count as not applied. */
export function ownsAll(desired: unknown, fields: FieldsV1): boolean {
  if (desired === null || desired === undefined || isLeaf(fields)) return true
  if (Array.isArray(desired)) return desired.every((item) => ownsItem(item, fields))
  if (typeof desired !== 'object') return true
  return Object.entries(desired).every(([name, value]) => {
    if (value === null || value === undefined) return true
    const field = fields[`f:${name}`]
    return field === undefined ? isEmpty(value) : ownsAll(value, field)
  })
}

/** An empty list or map is dropped by the server before anybody can own it. */
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const isLeaf = (fields: FieldsV1): boolean => {
  for (const step in fields) if (step !== '.') return false
  return true
}

/**
 * A list that is not atomic shows each item by its keys (`k:{"name":"web"}`) or by its value (`v:"a"`), written as the server
 * writes JSON. An item that leaves a key to its default may stand under several keys: one that it owns is enough.
 */
function ownsItem(item: unknown, fields: FieldsV1): boolean {
  return Object.entries(fields).some(([step, node]) => {
    if (step.startsWith('v:')) return JSON.parse(step.slice(2)) === item
    return step.startsWith('k:') && hasKeys(item, JSON.parse(step.slice(2))) && ownsAll(item, node)
  })
}

/** A key that the item leaves out was filled by a default (`protocol: TCP`), so it does not tell items apart. */
function hasKeys(item: unknown, keys: Record<string, unknown>): boolean {
  if (typeof item !== 'object' || item === null) return false
  const values = new Map<string, unknown>(Object.entries(item))
  return Object.entries(keys).every(([name, value]) => !values.has(name) || values.get(name) === value)
}
