/**
 * First in, first out, with removal from the middle, all in constant time: a linked list whose links are in the items, so
 * that a million of them cost no nodes. An item is in one list at a time.
 */

export interface Linked<T> {
  before: T | undefined
  after: T | undefined
}

export interface Fifo<T extends Linked<T>> {
  first: T | undefined
  last: T | undefined
  size: number
}

export const emptyFifo = <T extends Linked<T>>(): Fifo<T> => ({ first: undefined, last: undefined, size: 0 })

/** Appends. The item must be in no list. */
export function append<T extends Linked<T>>(fifo: Fifo<T>, item: T): void {
  item.before = fifo.last
  item.after = undefined
  if (fifo.last) fifo.last.after = item
  else fifo.first = item
  fifo.last = item
  fifo.size++
}

/** Takes out an item that is in this list, wherever it stands. */
export function unlink<T extends Linked<T>>(fifo: Fifo<T>, item: T): void {
  if (item.before) item.before.after = item.after
  else fifo.first = item.after
  if (item.after) item.after.before = item.before
  else fifo.last = item.before
  item.before = undefined
  item.after = undefined
  fifo.size--
}
