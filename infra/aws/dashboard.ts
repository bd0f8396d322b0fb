/** One page to look at first: what waits, how long, and what runs. */
import { Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { Handler } from './handlers.ts'
import type { Queues } from './queues.ts'

export function dashboardOf(scope: Construct, queues: Queues, handlers: readonly Handler[]): Dashboard {
  const named: readonly (readonly [string, IQueue])[] = Object.entries(queues)
  const depths = named.map(([label, queue]) => queue.metricApproximateNumberOfMessagesVisible({ label }))
  const delayed = queues.delay.metricApproximateNumberOfMessagesDelayed({ label: 'timers' })
  const ages = named.map(([label, queue]) => queue.metricApproximateAgeOfOldestMessage({ label }))
  const each = (metric: (handler: Handler) => IMetric) => handlers.map(metric)
  return new Dashboard(scope, 'Dashboard', {
    widgets: [
      [graph('Waiting', [...depths, delayed]), graph('Oldest, seconds', ages)],
      [
        graph(
          'Invocations',
          each(({ name: label, function: made }) => made.metricInvocations({ label })),
        ),
        graph(
          'Duration, milliseconds, 99th percentile',
          each(({ name: label, function: made }) => made.metricDuration({ label, statistic: 'p99' })),
        ),
      ],
      [
        graph(
          'Errors',
          each(({ name: label, function: made }) => made.metricErrors({ label })),
        ),
        graph(
          'Throttles',
          each(({ name: label, function: made }) => made.metricThrottles({ label })),
        ),
      ],
    ],
  })
}

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 })
