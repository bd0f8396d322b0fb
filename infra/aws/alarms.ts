/** What somebody has to look at. An alarm that rings while all is well is worse than none: each says when it does not ring. */
import { Duration } from 'aws-cdk-lib/core'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import type { Handler } from './handlers.ts'
import type { Queues } from './queues.ts'
import type { StackSettings } from './settings.ts'

/** A run that died is visible again after 360 s; beyond twice that somebody waits in vain. */
const READY_SECONDS = 900

/** A timer is in the queue for 900 s at most before it hops: twice that is a promote that does not run. */
const DELAY_SECONDS = 1800

const PERIOD = Duration.minutes(5)

interface Rule {
  readonly metric: cloudwatch.Metric
  /** Rings at it and above. */
  readonly least: number
  /** In so many periods of five minutes... */
  readonly periods?: number
  /** ... of the last so many. */
  readonly of?: number
  readonly text: string
}

type Ring = (id: string, rule: Rule) => cloudwatch.Alarm

/** Makes alarms that tell the topics of the settings, where there are any. */
export function ringsOf(scope: Construct, settings: Pick<StackSettings, 'email' | 'topicArn'>): Ring {
  const actions = topicsOf(scope, settings).map((topic) => new SnsAction(topic))
  return (id, { metric, least, periods = 1, of = periods, text }) => {
    const alarm = new cloudwatch.Alarm(scope, `${id}Alarm`, {
      metric: metric.with({ period: PERIOD }),
      threshold: least,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      datapointsToAlarm: periods,
      evaluationPeriods: of,
      // Idle queues and functions have no figures.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: text,
    })
    for (const action of actions) alarm.addAlarmAction(action)
    return alarm
  }
}

function topicsOf(
  scope: Construct,
  { email, topicArn }: Pick<StackSettings, 'email' | 'topicArn'>,
): ITopic[] {
  const given = topicArn === undefined ? [] : [Topic.fromTopicArn(scope, 'GivenTopic', topicArn)]
  if (email === undefined) return given
  const topic = new Topic(scope, 'Alarms', { enforceSSL: true })
  topic.addSubscription(new EmailSubscription(email))
  return [...given, topic]
}

export function watchQueues(ring: Ring, { ready, delay, dead, lost }: Queues): void {
  ring('ReadyAge', {
    metric: ready.metricApproximateAgeOfOldestMessage(),
    least: READY_SECONDS,
    periods: 2,
    text: 'A change has been waiting for work for 15 minutes: more concurrency, or a cluster that does not answer',
  })
  ring('DelayStuck', {
    metric: delay.metricApproximateAgeOfOldestMessage(),
    least: DELAY_SECONDS,
    periods: 2,
    text: 'Timers are not promoted when they are due: look at the log of promote',
  })
  ring('Dead', {
    metric: dead.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    least: 1,
    text: 'Keys were given up: fairlead dead list',
  })
  ring('Lost', {
    metric: lost.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    least: 1,
    text: 'Messages could not be forwarded for days: mend promote, then redrive this queue',
  })
}

/** One failure may be the platform's; an invocation that is throttled once is made again. */
export function watchHandler(ring: Ring, { name, function: made }: Handler): void {
  ring(`${made.node.id}Errors`, {
    metric: made.metricErrors(),
    least: 1,
    periods: 2,
    of: 3,
    text: `${name} fails again and again: look at its log`,
  })
  // The relay runs alone: a start while it still runs is throttled, and that is meant.
  if (name === 'relay') return
  ring(`${made.node.id}Throttles`, {
    metric: made.metricThrottles(),
    least: 1,
    periods: 3,
    text: `${name} is held back by the concurrency of the account or its own`,
  })
}

/** Rings where a figure is absent: nobody looks at the clusters any more. */
export function watchLife(ring: Ring, metric: cloudwatch.Metric): void {
  const alarm = ring('RelayGone', {
    metric,
    least: 1,
    periods: 2,
    text: 'The relay does not run: no change is seen',
  })
  const resource = alarm.node.defaultChild as cloudwatch.CfnAlarm
  resource.comparisonOperator = 'LessThanThreshold'
  resource.treatMissingData = 'breaching'
}
