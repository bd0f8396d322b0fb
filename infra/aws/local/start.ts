/** `npm run start:aws`: the operator as on AWS, on this machine, with an embedded API server, until told to stop. */
import { once } from 'node:events'
import { readEnv } from '../../../functions/env.ts'
import { operator } from '../../../functions/operator.ts'
import { printer } from '../../../functions/print.ts'
import { runProgram } from '../../../functions/program.ts'
import { nextSteps, writeKubeconfig } from '../../../functions/start.ts'
import { startApiServer } from '../../../lib/apiserver/index.ts'
import { installCrds, systemClock as clock } from '../../../lib/index.ts'
import { httpsTransport } from '../../../lib/kube/https.ts'
import { connect } from '../../../lib/kube/rest.ts'
import { localReviews } from '../../local/reviews.ts'
import { existingFunctions, type Functions, type LocalAws, startLocalAws } from './aws.ts'
import { startResident } from './resident.ts'
import { figureLines, functionPrinter, parseAwsOptions } from './words.ts'

const options = parseAwsOptions()

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const style = { ...readEnv(), now: clock.now }
  const { log, told } = functionPrinter(print, style)
  // Who is killed while all stops has not failed.
  const logged = (name: string, line: string) => signal.aborted || log(name, line)
  const server = await startApiServer({ port: options.port })
  const kubeconfig = writeKubeconfig(server)
  print(`kubeconfig: ${kubeconfig}`)
  const transport = httpsTransport({ server: server.url })
  const api = connect(transport, { userAgent: 'fairlead' })
  await installCrds(api, operator, { clock, signal })
  const reviews = await localReviews(operator, clock.now())
  const aws = await startLocalAws({
    clusters: JSON.stringify({ default: { server: server.url } }),
    functions: functionsHere(),
    settings: { FAIRLEAD_REVIEW_KEYS: reviews.keys },
    tls: reviews.tls,
    relaySeconds: 0,
    concurrency: options.concurrency,
    log: logged,
  })
  const report = printer(print, style)
  if (aws.urls.review !== undefined)
    await reviews.register(aws.urls.review, { api, clock, report, random: Math.random }, signal)
  const failed = options.relay === 'node' ? runRelay(aws, logged, signal) : stopped(signal)
  print(nextSteps({ kubeconfig, context: undefined }))
  try {
    await failed
  } finally {
    const figures = aws.figures()
    // Its run would go on for most of a minute; what it has not stored, the next one finds again.
    await aws.functions.relay?.close()
    await aws.close(options.graceSeconds)
    for (const line of figureLines(figures, told())) print(line)
    transport.close()
    await server.close()
  }
})

/** Nobody knows who would ask an ingress here, and with which key. */
function functionsHere(): Functions {
  const { ingress: _, relay, ...others } = existingFunctions()
  return options.relay === 'lambda' && relay !== undefined ? { ...others, relay } : others
}

async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Until told to stop; rejects where it ends before. */
async function runRelay(
  { env }: LocalAws,
  log: (name: string, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const relay = startResident(['functions/relay/node.ts', '--port', '0'], env, (line) => log('relay', line))
  const how = await Promise.race([relay.ended, stopped(signal)])
  if (!signal.aborted) throw new Error(`the relay has ended: ${how}`)
  await relay.stop(options.graceSeconds)
}
