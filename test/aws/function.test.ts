/** Functions as processes: the Lambda Runtime API, deadlines, deaths, and who is reused. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { bundled, testFunction, until } from './bundled.ts'

let echo = ''
before(async () => {
  echo = await bundled('echo')
})

describe('a local function', () => {
  it('hands the event over, brings the result back, and stays warm', async () => {
    await using fn = testFunction(echo)
    const first = await fn.invoke({ with: { a: [1] } })
    const second = await fn.invoke({ with: 'x' })
    assert.partialDeepStrictEqual(first, { type: 'returned', value: { echo: { a: [1] }, count: 1 } })
    assert.partialDeepStrictEqual(second, { type: 'returned', value: { echo: 'x', count: 2 } })
    const { invocations, coldStarts, errors, initMs, durationMs } = fn.figures()
    assert.deepEqual({ invocations, coldStarts, errors }, { invocations: 2, coldStarts: 1, errors: 0 })
    assert.equal(initMs.length, 1)
    assert.equal(durationMs.length, 2)
    assert.ok((initMs[0] ?? 0) > 0 && durationMs.every((milliseconds) => milliseconds > 0))
  })

  it('tells the handler who it is and how much time is left', async () => {
    await using fn = testFunction(echo, { name: 'review', timeoutSeconds: 7, memoryMb: 192 })
    const outcome = await fn.invoke({ do: 'context' })
    assert.partialDeepStrictEqual(outcome, {
      value: {
        functionName: 'review',
        memoryLimitInMB: '192',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:review',
      },
    })
    const { remaining, awsRequestId } = (outcome as { value: { remaining: number; awsRequestId: string } })
      .value
    assert.ok(remaining > 5_000 && remaining <= 7_000, `${remaining} ms`)
    assert.match(awsRequestId, /^[0-9a-f-]{36}$/)
  })

  it('sees the environment of Lambda and its own settings, and nothing of the developer', async () => {
    process.env.FAIRLEAD_TEST_SECRET = 'mine'
    await using fn = testFunction(echo, { env: { FAIRLEAD_CLUSTERS: '{}' } })
    const { value } = (await fn.invoke({ do: 'environment' })) as { value: Record<string, string> }
    delete process.env.FAIRLEAD_TEST_SECRET
    assert.partialDeepStrictEqual(value, {
      FAIRLEAD_CLUSTERS: '{}',
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: echo,
      AWS_LAMBDA_FUNCTION_NAME: 'test',
      AWS_REGION: 'us-east-1',
    })
    assert.equal(value.FAIRLEAD_TEST_SECRET, undefined)
    assert.notEqual(value.HOME, process.env.HOME)
  })

  it('fails with the name and message of what the handler throws, and goes on', async () => {
    await using fn = testFunction(echo)
    assert.deepEqual(await fn.invoke({ do: 'throw', with: 'too far' }), {
      type: 'failed',
      errorType: 'RangeError',
      errorMessage: 'too far',
    })
    assert.partialDeepStrictEqual(await fn.invoke({}), { value: { count: 2 } })
    assert.ok(fn.lines.includes('RangeError: too far'))
    assert.equal(fn.figures().errors, 1)
  })

  it('is killed at its deadline', async () => {
    await using fn = testFunction(echo, { timeoutSeconds: 1 })
    const startedAt = performance.now()
    assert.deepEqual(await fn.invoke({ do: 'hang' }), {
      type: 'failed',
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Task timed out after 1.00 seconds',
    })
    assert.ok(performance.now() - startedAt >= 1_000)
    assert.partialDeepStrictEqual(await fn.invoke({}), { value: { count: 1 } })
    assert.equal(fn.figures().coldStarts, 2)
  })

  it('fails what a process ran that died, and replaces it', async () => {
    await using fn = testFunction(echo)
    assert.partialDeepStrictEqual(await fn.invoke({ do: 'exit', with: 3 }), {
      errorType: 'Runtime.ExitError',
      errorMessage: 'Runtime exited with error: exit status 3',
    })
    assert.partialDeepStrictEqual(await fn.invoke({ do: 'reject' }), {
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'nobody waited',
    })
    const hanging = fn.invoke({ do: 'hang' })
    await fn.line(/hanging/)
    const killed = fn.kill()
    assert.partialDeepStrictEqual(await hanging, {
      errorMessage: 'Runtime exited with error: signal: killed',
    })
    assert.equal(typeof killed, 'number')
    assert.partialDeepStrictEqual(await fn.invoke({}), { type: 'returned', value: { count: 1 } })
  })

  it('fails with what its module throws where it cannot start', async () => {
    await using fn = testFunction(await bundled('broken'))
    assert.deepEqual(await fn.invoke({}), {
      type: 'failed',
      errorType: 'SyntaxError',
      errorMessage: 'no such setting: FAIRLEAD_SQS_READY',
    })
  })

  it('runs as many at once as it may, each in a process of its own; the next one waits', async () => {
    await using fn = testFunction(echo, { concurrency: 2 })
    const [one, two] = [fn.invoke({ do: 'hang' }), fn.invoke({ do: 'hang' })]
    const third = fn.invoke({ with: 3 })
    const withdrawn = fn.invoke({}, { signal: AbortSignal.abort(new Error('not any more')) })
    await assert.rejects(withdrawn, /not any more/)
    await fn.line(/hanging/)
    assert.deepEqual(
      fn.instances().map(({ isBusy }) => isBusy),
      [true, true],
    )
    fn.kill()
    assert.partialDeepStrictEqual(await third, { type: 'returned', value: { echo: 3 } })
    fn.kill(([busy]) => (busy?.isBusy ? busy : undefined))
    assert.deepEqual(
      (await Promise.all([one, two])).map(({ type }) => type),
      ['failed', 'failed'],
    )
  })

  it('ends a process that nobody needed for a while', async () => {
    await using fn = testFunction(echo, { idleSeconds: 0 })
    await fn.invoke({})
    await until(() => fn.instances().length === 0)
    assert.partialDeepStrictEqual(await fn.invoke({}), { value: { count: 1 } })
  })
})
