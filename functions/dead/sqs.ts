/** The keys that were given up on SQS: the messages of its dead-letter queue. */
import { dropDead, listDead, redriveDead } from '../../lib/queue/sqs.ts'
import { openSqs } from '../aws.ts'
import type { DeadPlace } from './state.ts'

/** The queues of FAIRLEAD_SQS_*, with the credentials of whoever calls. */
export function openDead(): DeadPlace {
  const using = openSqs({ needsDead: true })
  return {
    name: using.queues.dead,
    list: () => listDead(using),
    order: (verb, keys) => (verb === 'drop' ? dropDead(keys, using) : redriveDead(keys, using)),
    close() {},
  }
}
