/** A key that runs too often in this process, put off through the delay queue: every run there costs money. */
import { keyName, type Message } from '../../message.ts'
import { charge, type Meters, opensAt, sweep, trip } from '../limit.ts'
import type { Process } from './consume.ts'
import { delayed } from './envelope.ts'
import { sendParcels } from './send.ts'

/** Charges the key for a run; or, where it has had its share, has it wait until it may run again. */
export async function isPutOff(key: string, message: Message, process: Process): Promise<boolean> {
  const { clock, controllerLimits, meters, report } = process
  const now = clock.now()
  for (const name of sweep(meters, now)) report({ type: 'rate', state: 'calm', key: name, detail: '' })
  for (const [other, until] of process.putOff) if (until <= now) process.putOff.delete(other)
  const rate = controllerLimits?.get(message.controller)?.rate
  if (rate === undefined) return false
  const name = keyName(message)
  const at = opensAt(meters, key, rate, now)
  if (at <= now) {
    if (charge(meters, key, rate, now)) report({ type: 'rate', state: 'calm', key: name, detail: '' })
    return false
  }
  // One that waits already will see this change too.
  if ((process.putOff.get(key) ?? 0) > now) return true
  const detail = `at most ${rate.perSecond} runs per second`
  if (trip(meters, key, name)) report({ type: 'rate', state: 'limited', key: name, detail })
  // No later run makes it outdated (it has no `asOf`): what it carries is a change.
  await sendParcels([delayed(message, { notBefore: at, note: { why: 'requeue' } }, now)], process)
  process.putOff.set(key, at)
  return true
}

export const isSlowedDown = (key: string, { byKey }: Meters): boolean =>
  byKey.get(key)?.trippedAs !== undefined
