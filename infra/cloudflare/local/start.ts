/** `npm run start:cloudflare`: the operator as on Cloudflare, on this machine, with an embedded API server, until told to stop. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
import { changeLines, teller } from '../../local/told.ts'
import { localSecrets } from './secrets.ts'
import { parseCloudflareOptions } from './words.ts'
import { startLocalWorkers } from './workers.ts'

const options = parseCloudflareOptions()

// Wrangler removes what it has kept in the background, for which a process that ends by itself does not wait.
const folder = mkdtempSync(join(tmpdir(), 'fairlead-'))
process.env.TMPDIR = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

await runProgram(async (signal) => {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const style = { ...readEnv(), now: clock.now }
  const { tell, told } = teller(print, style)
  const server = await startApiServer({ port: options.port })
  const kubeconfig = writeKubeconfig(server)
  print(`kubeconfig: ${kubeconfig}`)
  const transport = httpsTransport({ server: server.url })
  const api = connect(transport, { userAgent: 'fairlead' })
  await installCrds(api, operator, { clock, signal })
  const reviews = await localReviews(operator, clock.now())
  const queueKey = randomBytes(32).toString('base64url')
  const workers = await startLocalWorkers({
    secrets: localSecrets(server.url, { review: reviews.keys, queue: queueKey }),
    // Watches that end while all stops have not failed.
    log: (line) => signal.aborted || tell(line),
  })
  try {
    const url = await workers.serve('review', { tls: reviews.tls })
    const report = printer(print, style)
    await reviews.register(url, { api, clock, report, random: Math.random }, signal)
    const desk = await workers.serve('work')
    print(nextSteps({ kubeconfig, context: undefined }))
    print(`  FAIRLEAD_QUEUE_KEY=${queueKey} npx fairlead dead list --url ${desk}\n`)
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await workers.close()
    for (const line of changeLines(told())) print(line)
    transport.close()
    await server.close()
  }
})
