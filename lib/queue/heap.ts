/**
 * Items ordered by when they are due: the earliest is `heap[0]`; insertion and removal of any item take O(log n), because
 * an item knows its slot. An item is in one heap at a time.
 */

export interface Timed {
  /** Milliseconds since the epoch. Must not change while the item is in a heap. */
  dueAt: number
  /** Breaks ties: the smaller one goes first. */
  order: number
  /** Where in the heap it is; kept by the heap. */
  slot: number
}

/** Puts in an item that is in no heap. */
export function insert<T extends Timed>(heap: T[], item: T): void {
  heap.push(item)
  rise(heap, item, heap.length - 1)
}

/** Takes out an item that is in this heap. */
export function extract<T extends Timed>(heap: T[], item: T): void {
  const last = heap.pop()
  if (last === undefined || last === item) return
  const slot = item.slot
  // The last item may belong above or below the gap; one of the two moves does nothing.
  rise(heap, last, slot)
  sink(heap, last, last.slot)
}

const isBefore = (a: Timed, b: Timed): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)

function rise<T extends Timed>(heap: T[], item: T, from: number): void {
  let slot = from
  while (slot > 0) {
    const parentSlot = (slot - 1) >> 1
    const parent = heap[parentSlot]
    if (parent === undefined || !isBefore(item, parent)) break
    heap[slot] = parent
    parent.slot = slot
    slot = parentSlot
  }
  heap[slot] = item
  item.slot = slot
}

function sink<T extends Timed>(heap: T[], item: T, from: number): void {
  let slot = from
  for (;;) {
    let childSlot = 2 * slot + 1
    let child = heap[childSlot]
    const right = heap[childSlot + 1]
    if (child !== undefined && right !== undefined && isBefore(right, child)) {
      child = right
      childSlot++
    }
    if (child === undefined || !isBefore(child, item)) break
    heap[slot] = child
    child.slot = slot
    slot = childSlot
  }
  heap[slot] = item
  item.slot = slot
}
