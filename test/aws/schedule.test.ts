/** Schedules: when a function runs again. Time is a fake. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ScheduledEvent } from 'aws-lambda'
import type { Outcome } from '../../infra/aws/local/instance.ts'
import { startSchedule } from '../../infra/aws/local/schedule.ts'
import { fakeClock } from '../fake-clock.ts'

const RETURNED: Outcome = { type: 'returned', value: null }
const FAILED: Outcome = { type: 'failed', errorType: 'Error', errorMessage: 'no' }

/** A schedule whose runs end when the test says so. */
function scheduled(everySeconds: number, afterSeconds?: number) {
  const clock = fakeClock(1_000)
  const runs: { event: ScheduledEvent; end(outcome: Outcome): void }[] = []
  const fn = {
    name: 'relay',
    invoke: (event: unknown) =>
      new Promise<Outcome>((end) => void runs.push({ event: event as ScheduledEvent, end })),
  }
  const schedule = startSchedule({ fn, everySeconds, afterSeconds, clock })
  return {
    ...schedule,
    clock,
    runs,
    end: (outcome: Outcome = RETURNED) => runs.at(-1)?.end(outcome),
  }
}

describe('a schedule', () => {
  it('runs the function from start to start, with an event of EventBridge', async () => {
    const { runs, end, clock, stop } = scheduled(60)
    assert.partialDeepStrictEqual(runs[0]?.event, {
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '1970-01-01T00:00:01Z',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/relay'],
    })
    await clock.advance(20_000)
    end()
    await clock.advance(39_999)
    assert.equal(runs.length, 1)
    await clock.advance(1)
    assert.equal(runs.length, 2)
    end()
    await stop()
  })

  it('does not run it while it runs, and makes up for it at once', async () => {
    const { runs, end, clock, stop } = scheduled(60)
    await clock.advance(200_000)
    assert.equal(runs.length, 1)
    end()
    await clock.advance(0)
    assert.equal(runs.length, 2)
    end()
    await stop()
  })

  it('runs back to back with an interval of none, but not after a failure', async () => {
    const { runs, end, clock, stop } = scheduled(0)
    end()
    await clock.advance(0)
    assert.equal(runs.length, 2)
    end(FAILED)
    await clock.advance(999)
    assert.equal(runs.length, 2)
    await clock.advance(1)
    assert.equal(runs.length, 3)
    end()
    await stop()
  })

  it('begins later where it is told to', async () => {
    const { runs, clock, stop } = scheduled(60, 60)
    await clock.advance(59_999)
    assert.equal(runs.length, 0)
    await stop()
    await clock.advance(60_000)
    assert.equal(runs.length, 0)
  })
})
