/**
 * Paths inside volumes and containers.
 */

import type { Problem } from '../../resource.ts'
import { invalid } from '../../schema/problem.ts'

/** A path that never climbs. */
export const withoutBacksteps = (path: string, field: string): Problem[] =>
  path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []

/** A relative path that never climbs. */
export const descending = (path: string, field: string): Problem[] => [
  ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
  ...withoutBacksteps(path, field),
]

/** The same, for files of volumes, whose own bookkeeping has names that begin with two dots. */
export const unreserved = (path: string, field: string): Problem[] => [
  ...descending(path, field),
  ...(path.startsWith('..') && !path.startsWith('../')
    ? [invalid(field, path, "must not start with '..'")]
    : []),
]
