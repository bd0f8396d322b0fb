/**
 * The inventory port: what the relay knows of the objects it has seen (a fingerprint each) and how far it has read (a
 * cursor per watched source). Where it is persisted, a relay that restarts sends exactly what changed while it was away.
 * The promises are one contract suite, `test/inventory.contract.ts`.
 */

/** How far a source has been read, and for whom. */
export interface Cursor {
  /** Where a watch goes on from. Absent: it starts with a list. */
  readonly resourceVersion?: string | undefined
  /**
   * Who has been told of all that there is, and when last, in milliseconds since the epoch. The names mean nothing to the
   * inventory. Absent: nobody.
   */
  readonly told?: Readonly<Record<string, number>> | undefined
}

/**
 * One step of the relay's memory, stored atomically: fingerprints to put (by key `namespace/name`, or `name` for
 * cluster-scoped objects), keys to forget, and the cursor that holds once they are stored. No key is in both.
 * Fingerprints are short texts (about 100 characters) that mean nothing to the inventory.
 */
export interface Step {
  readonly puts: ReadonlyMap<string, string>
  readonly deletes: readonly string[]
  readonly cursor: Cursor
}

/**
 * Keeps fingerprints and cursors by source. A source's name (up to a few hundred characters) tells cluster, resource,
 * scope and selector. Both calls may be made for several sources at once, for one source
 * never. A rejected call is made again.
 */
export interface Inventory {
  /** Everything known of a source; absent: never read. What is returned is the caller's. */
  load(source: string): Promise<{ cursor: Cursor; fingerprints: ReadonlyMap<string, string> } | undefined>
  /**
   * Stores a step: all of it or, on a throw, nothing. Called only after the queue has accepted every message that the
   * step stands for. What is passed is not changed afterwards. A step that only moves `resourceVersion` on may be stored
   * later: without it reading begins a little earlier, and nothing else.
   */
  commit(source: string, step: Step): Promise<void>
}
