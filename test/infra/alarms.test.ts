/** Who is told of what, and when nobody is. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FUNCTIONS } from '../../infra/aws/functions.ts'
import { EVERYTHING, synth, text } from './synth.ts'

const { template, resources } = synth(EVERYTHING)
const properties = (id: string) => {
  const resource = resources.get(id)
  assert.ok(resource, `${id} is not there: ${[...resources.keys()].join(' ')}`)
  return resource.Properties
}
const idsOf = (type: string) => [...resources].flatMap(([id, { Type }]) => (Type === type ? [id] : []))

describe('the alarms', () => {
  const alarms = idsOf('AWS::CloudWatch::Alarm')

  it('ring for what waits, what died, what is lost, and each function', () => {
    const names = Object.keys(FUNCTIONS).map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`)
    assert.deepEqual(
      alarms.sort(),
      [
        ...['ReadyAgeAlarm', 'DelayStuckAlarm', 'DeadAlarm', 'LostAlarm', 'RelayGoneAlarm'],
        ...names.map((name) => `${name}ErrorsAlarm`),
        // A relay that still runs when the next is started is no trouble.
        ...names.filter((name) => name !== 'Relay').map((name) => `${name}ThrottlesAlarm`),
      ].sort(),
    )
  })

  it('do not ring for what is as it should be', () => {
    const [ready, delay] = [properties('ReadyAgeAlarm'), properties('DelayStuckAlarm')]
    assert.ok(ready.Threshold > 2 * properties('Ready').VisibilityTimeout, 'one crash is no alarm')
    assert.ok(delay.Threshold > 900 + properties('Delay').VisibilityTimeout, 'the longest hop is no alarm')
    for (const id of alarms.filter((one) => one !== 'RelayGoneAlarm'))
      assert.equal(properties(id).TreatMissingData, 'notBreaching')
  })

  it('ring at the first dead letter, wherever it is', () => {
    for (const id of ['DeadAlarm', 'LostAlarm']) {
      const { Threshold, EvaluationPeriods, Statistic, MetricName } = properties(id)
      assert.deepEqual(
        [Threshold, EvaluationPeriods, Statistic, MetricName],
        [1, 1, 'Maximum', 'ApproximateNumberOfMessagesVisible'],
      )
    }
  })

  it('ring when nothing is heard of the relay', () => {
    const { MetricName, ComparisonOperator, Threshold, TreatMissingData } = properties('RelayGoneAlarm')
    assert.deepEqual(
      [MetricName, ComparisonOperator, Threshold, TreatMissingData],
      ['Invocations', 'LessThanThreshold', 1, 'breaching'],
    )
  })

  it('tell whom they are to tell, or nobody', () => {
    for (const id of alarms) assert.deepEqual(properties(id).AlarmActions.map(text), ['Alarms'])
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'me@example.com',
    })
    const topicArn = 'arn:aws:sns:eu-west-1:123456789012:pager'
    const given = synth({ topicArn })
    given.template.resourceCountIs('AWS::SNS::Topic', 0)
    assert.deepEqual(given.resources.get('DeadAlarm')?.Properties.AlarmActions, [topicArn])
    assert.equal(synth().resources.get('DeadAlarm')?.Properties.AlarmActions, undefined)
  })

  it('have a dashboard beside them', () => {
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1)
  })
})
