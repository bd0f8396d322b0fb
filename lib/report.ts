/**
 * What the stations tell the outside: one plain record per thing that happened. A process prints it as a readable line, a
 * function as JSON; metrics count it. No record ever carries an object, a response or a secret.
 */

/** One thing that happened. `kind` and `key` are for people (`Deployment`, `default/web`). */
export type Happening =
  | { readonly type: 'changed'; readonly kind: string; readonly key: string; readonly cause: string }
  | {
      readonly type: 'sent'
      readonly controller: string
      readonly key: string
      readonly causes: readonly string[]
    }
  | {
      readonly type: 'reconciled'
      readonly controller: string
      readonly key: string
      readonly milliseconds: number
      /** How long the key was ready before it was handed out, where the queue knows. */
      readonly waitedMilliseconds?: number
      readonly calls: number
      /** `done`, `gone`, `again in 300 s`, `retry 3 in 0.02 s`, `parked`, ... */
      readonly outcome: string
    }
  | { readonly type: 'failed'; readonly controller: string; readonly key: string; readonly error: string }
  | {
      readonly type: 'applied'
      readonly kind: string
      readonly key: string
      readonly action: 'created' | 'changed' | 'pruned' | 'status' | 'finalizer'
    }
  | {
      readonly type: 'event'
      readonly kind: string
      readonly key: string
      readonly eventType: 'Normal' | 'Warning'
      readonly reason: string
      readonly note: string
    }
  /** A key that runs too often: slowed down, or calm again. Told once per change of state. */
  | {
      readonly type: 'rate'
      readonly state: 'limited' | 'calm'
      readonly key: string
      readonly detail: string
    }
  /** Given up until something changes or somebody redrives it. */
  | { readonly type: 'parked'; readonly key: string; readonly reason: string }
  /** `parked`: a parked key that was pushed out by newer ones. */
  | {
      readonly type: 'dropped'
      readonly what: 'event' | 'parked'
      readonly key: string
      readonly error: string
    }
  /** The state of a watch; reported once per change of state, not once per try. */
  | {
      readonly type: 'watch'
      readonly kind: string
      readonly state: 'synced' | 'lost' | 'missing' | 'forbidden'
      readonly detail: string
      /** Which source of a relay it is: cluster, resource, scope and selector. */
      readonly source?: string
    }
  /** How a candidate for a Lease stands, told once per change; `waiting` also when the holder changes. */
  | {
      readonly type: 'lease'
      readonly name: string
      readonly state: 'waiting' | 'held' | 'lost' | 'released' | 'failing' | 'forbidden'
      readonly detail: string
    }
  /** One admission review or conversion that was answered; `error` is a mistake of which the answer says nothing. */
  | {
      readonly type: 'reviewed'
      readonly review: string
      readonly verb: 'mutate' | 'validate' | 'convert'
      readonly result: 'allowed' | 'denied' | 'invalid' | 'late' | 'failed'
      readonly milliseconds: number
      readonly error?: string
    }
  /** One batch that came by webhook, and the answer's status; no `sender` where nobody knows who it was. */
  | {
      readonly type: 'received'
      readonly sender?: string
      readonly code: number
      readonly accepted: number
      readonly ignored: number
      readonly detail?: string
    }
  /** The queue or the inventory does not take what the relay has for it; told once per change of state. */
  | {
      readonly type: 'store'
      readonly store: 'queue' | 'inventory'
      readonly state: 'refusing' | 'accepting'
      readonly detail: string
    }

/** Receives happenings; must not throw. */
export type Report = (happening: Happening) => void
