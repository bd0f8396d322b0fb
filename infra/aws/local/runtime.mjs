/**
 * What runs inside the process of a local function: asks the Lambda Runtime API for invocations, one after another, and
 * answers them with the bundle's handler. It knows the environment that Lambda sets, and nothing else of where it runs.
 */
import { Agent, request } from 'node:http'
import { pathToFileURL } from 'node:url'

const { env } = process
const [host, port] = String(env.AWS_LAMBDA_RUNTIME_API).split(':')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
/** The invocation that runs, for what goes wrong outside of its handler. */
let current

for (const [event, type] of [
  ['uncaughtException', undefined],
  ['unhandledRejection', 'Runtime.UnhandledPromiseRejection'],
])
  process.on(event, (error) => {
    void fail(error, type).then(() => process.exit(1))
  })

const handler = await load()
for (;;) await serve(await ask('GET', '/invocation/next'))

async function load() {
  const [file, name] = String(env._HANDLER).split('.')
  try {
    const loaded = await import(pathToFileURL(`${env.LAMBDA_TASK_ROOT}/${file}.mjs`).href)
    if (typeof loaded[name] === 'function') return loaded[name]
    throw Object.assign(new Error(`${env._HANDLER} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    })
  } catch (error) {
    await ask('POST', '/init/error', describe(error))
    process.exit(1)
  }
}

async function serve({ headers, body }) {
  const id = String(headers['lambda-runtime-aws-request-id'])
  current = id
  env._X_AMZN_TRACE_ID = String(headers['lambda-runtime-trace-id'] ?? '')
  try {
    const result = await handler(JSON.parse(body), contextOf(id, headers))
    await ask('POST', `/invocation/${id}/response`, JSON.stringify(result ?? null))
  } catch (error) {
    await fail(error)
  }
  current = undefined
}

async function fail(error, type) {
  const path = current === undefined ? '/init/error' : `/invocation/${current}/error`
  await ask('POST', path, describe(error, type))
}

function contextOf(id, headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: id,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
}

function describe(error, type) {
  const { name = 'Error', message = String(error), stack = '' } = error instanceof Error ? error : {}
  return JSON.stringify({ errorType: type ?? name, errorMessage: message, trace: stack.split('\n') })
}

/** One request to the Runtime API. A host that is gone ends the process: there is nobody to run for. */
function ask(method, path, text) {
  return new Promise((resolve) => {
    const options = {
      host,
      port,
      agent,
      method,
      path: `/2018-06-01/runtime${path}`,
      headers: text === undefined ? {} : { 'content-type': 'application/json' },
    }
    const gone = () => process.exit(1)
    const sent = request(options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ headers: response.headers, body }))
      response.on('error', gone)
    })
    sent.on('error', gone)
    sent.end(text)
  })
}
