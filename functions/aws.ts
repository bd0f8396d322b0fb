/** What the functions on AWS share: the queue of the environment, and how they tell what happens. */
import { systemClock as clock, type Happening } from '../lib/index.ts'
import { awsSqs, type SendUsing } from '../lib/queue/sqs.ts'
import { readQueues } from './env.ts'

/**
 * One JSON line for each thing that happened: CloudWatch's Logs Insights reads its fields. Past the console, which Lambda's
 * runtime makes text or an escaped string of.
 */
export const reportJson = (happening: Happening): void =>
  void process.stdout.write(`${JSON.stringify(happening)}\n`)

/** The queues of FAIRLEAD_SQS_*. Throws an Error that names the setting and the rule; nothing is called before it is used. */
export function openSqs(needs: { readonly needsDead?: boolean } = {}): SendUsing {
  const { queues, settings } = readQueues(needs)
  return { queues, sqs: awsSqs({ settings }), clock, random: Math.random }
}
