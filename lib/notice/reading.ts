/** What somebody else's word that an object changed comes down to, whatever format it is in. */
import type * as z from 'zod'
import type { Key } from '../kube.ts'

/** An object changed. The kind is named by `kind` or by `plural`; versions do not matter. */
export interface Notice {
  readonly group: string
  readonly kind?: string
  readonly plural?: string
  readonly key: Key
  readonly change: 'created' | 'changed' | 'deleted'
  /** Nothing but the status was written. */
  readonly isStatus: boolean
  /** `<uid>:<resourceVersion>` of the state that the change made, where both are known. */
  readonly origin?: string | undefined
  /** Undefined: not known. */
  readonly owners?: readonly Owner[] | undefined
}

/** What is read of an owner reference. */
export interface Owner {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly controller?: boolean | undefined
}

/** A rule that an entry breaks. Never quotes a value. */
export interface Problem {
  /** Position in the batch, from 0; absent where the batch itself is wrong. */
  readonly index?: number
  readonly field: string
  readonly rule: string
}

/** What one entry of a batch says. `ignored`: well-formed, and nothing that a controller is told of; `because` is for people. */
export type Reading =
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'ignored'; readonly because: string }
  | { readonly type: 'refused'; readonly problems: readonly Problem[] }

export const ignored = (because: string): Reading => ({ type: 'ignored', because })

/** The problems that zod found in an entry; its texts say what is expected and quote nothing. */
export const problemsOf = (error: z.ZodError, index?: number, below = ''): Problem[] =>
  error.issues.map(({ path, message }) => ({
    ...(index !== undefined && { index }),
    field: [...(below === '' ? [] : [below]), ...path.map(String)].join('.') || 'entry',
    rule: message,
  }))

/** A key as formats write it: the namespace of what has none is absent or empty. */
export const toKey = (name: string, namespace: string | undefined): Key =>
  namespace ? { namespace, name } : { name }
