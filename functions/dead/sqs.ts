/** The keys that were given up on SQS: the messages of its dead-letter queue. */
import { systemClock as clock } from '../../lib/index.ts'
import { awsSqs, dropDead, listDead, redriveDead } from '../../lib/queue/sqs.ts'
import { readQueues } from '../env.ts'
import type { DeadPlace } from './state.ts'

/** The queues of FAIRLEAD_SQS_READY and FAIRLEAD_SQS_DEAD, with the credentials of whoever calls. */
export function openSqs(): DeadPlace {
  const { queues, settings } = readQueues({ needsDead: true })
  const using = { sqs: awsSqs({ settings }), queues, clock, random: Math.random }
  return {
    name: queues.dead,
    list: () => listDead(using),
    order: (verb, keys) => (verb === 'drop' ? dropDead(keys, using) : redriveDead(keys, using)),
    close() {},
  }
}
