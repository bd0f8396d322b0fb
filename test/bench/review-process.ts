/** The server of the `review` benchmark: MyApp's reviews over TLS, in a process of its own. Answers `usage` by IPC. */
import { randomBytes } from 'node:crypto'
import { operator } from '../../functions/operator.ts'
import { systemClock as clock } from '../../lib/index.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { makeCertificate } from '../../lib/review/certificate.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { serveReviews } from '../../lib/review/node.ts'

const { ca, ...tls } = await makeCertificate(['127.0.0.1'], clock.now())
const keys = parseKeys(`k1=${randomBytes(32).toString('base64url')}`)
const server = await serveReviews(reviewApp(operator, { keys, clock, report: () => {} }), { clock, tls })
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit(0))
process.send?.({ url: `${server.url}${await capabilityPath(keys, 'bench')}`, ca })
