/** The package as others get it: built JavaScript and types, reached by its exports. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'

/** The author's file, as the README shows it. */
const readmeExample = (): string =>
  /```ts\n(import \* as z[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''

/** The README's reviews, of the same kind with an older version. */
const readmeReviews = (): string => `
import * as z from 'zod'
import { Denied, defineController, defineConversion, defineKind, defineOperator, defineReview } from 'fairlead'
import { checkRoundTrips } from 'fairlead/testing/conversion'
const pages = z.record(z.string(), z.string()).default({})
const versions = {
  v1beta1: { spec: z.object({ name: z.string().min(1), pages }) },
  v1: { storage: true, spec: z.object({ title: z.string().min(1), pages, theme: z.enum(['a', 'b']).optional() }) },
} as const
export const Site = defineKind({ group: 'example.com', kind: 'Site', scope: 'Namespaced', versions })
const site = defineController(Site, { reconcile() {} })
${/```ts\n(export const siteReview[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''}
checkRoundTrips(siteConversion)
if (operator.reviews.length !== 1) throw new Error('the README has no review')
`

const USE = `
import assert from 'node:assert/strict'
import { crdOf, defineOperator } from 'fairlead'
import { fakeClock, randomFrom, startApiServer } from 'fairlead/testing'
import { bufferedQueue, unbuffer } from 'fairlead/queue/buffered'
import { queueApp } from 'fairlead/queue/desk/http'
import { durableDesk } from 'fairlead/queue/durable/desk'
import { durableQueue } from 'fairlead/queue/durable/send'
import { embeddedQueue } from 'fairlead/queue/embedded'
import { httpsTransport } from 'fairlead/kube/https'
import { loadCredentials } from 'fairlead/kube/kubeconfig'
import { connect } from 'fairlead/kube/rest'
import { ingressApp } from 'fairlead/ingress/http'
import { ingressQueue } from 'fairlead/ingress/send'
import { parseSenders } from 'fairlead/ingress/senders'
import { noInventory } from 'fairlead/inventory/memory'
import { openState } from 'fairlead/database/node'
import { sqliteInventory } from 'fairlead/inventory/sqlite'
import { sqliteStore } from 'fairlead/queue/sqlite'
import { awsSqs, promote, sqsQueue, startConsumer } from 'fairlead/queue/sqs'
import { deliveries, response } from 'fairlead/queue/sqs/lambda'
import { signedAws } from 'fairlead/aws/sign'
import { openClusters } from 'fairlead/kube/clusters'
import { fetchTransport } from 'fairlead/kube/fetch'
import { fetchClusters } from 'fairlead/kube/fetch/clusters'
import { s3Inventory } from 'fairlead/inventory/s3'
import { carryOut } from 'fairlead/queue/requests'
import { reviewApp } from 'fairlead/review/http'
import { serveReviews } from 'fairlead/review/node'
import { capabilityPath } from 'fairlead/review/capability'
import { checkRoundTrips } from 'fairlead/testing/conversion'
import { Site, site } from './site.ts'
const operator = defineOperator('sites', [site])
assert.equal(operator.controllers.length, 1)
assert.equal(crdOf(Site)?.metadata.name, 'sites.example.com')
for (const part of [embeddedQueue, connect, httpsTransport, loadCredentials, noInventory]) assert.ok(part)
for (const part of [reviewApp, serveReviews, capabilityPath, checkRoundTrips]) assert.ok(part)
for (const part of [awsSqs, promote, sqsQueue, startConsumer, deliveries, response]) assert.ok(part)
for (const part of [signedAws, openClusters, s3Inventory, bufferedQueue, unbuffer]) assert.ok(part)
for (const part of [fetchTransport, fetchClusters]) assert.ok(part)
for (const part of [ingressApp, ingressQueue, parseSenders]) assert.ok(part)
for (const part of [openState, sqliteInventory, sqliteStore, carryOut]) assert.ok(part)
const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
const server = await startApiServer({ clock, random: randomFrom(1) })
const snapshot = server.snapshot()
server.faults({ request: ({ number }) => (number === 1 ? { status: 429, retryAfterSeconds: 1 } : undefined) })
assert.equal((await fetch(server.url + '/readyz')).status, 429)
assert.equal((await fetch(server.url + '/readyz')).status, 200)
server.restore(snapshot)
await server.close()
`

describe('the package', () => {
  it('builds, and the README’s author file type-checks and runs against it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-package-'))
    const packed = join(folder, 'fairlead')
    const app = join(folder, 'app')
    mkdirSync(join(app, 'node_modules'), { recursive: true })
    const tsc = resolve('node_modules/.bin/tsc')
    execFileSync(process.execPath, ['tools/build.mjs', join(packed, 'dist')], { stdio: 'inherit' })
    cpSync('package.json', join(packed, 'package.json'))
    symlinkSync(resolve('node_modules'), join(packed, 'node_modules'))
    symlinkSync(packed, join(app, 'node_modules', 'fairlead'))
    for (const name of ['zod', '@types'])
      symlinkSync(resolve('node_modules', name), join(app, 'node_modules', name))
    writeFileSync(join(app, 'package.json'), '{"type":"module"}')
    writeFileSync(join(app, 'site.ts'), readmeExample())
    writeFileSync(join(app, 'use.ts'), USE)
    writeFileSync(join(app, 'reviews.ts'), readmeReviews())
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck']
    const checks = [...options, '--allowImportingTsExtensions', '--types', 'node', 'use.ts', 'reviews.ts']
    execFileSync(tsc, checks, { cwd: app, stdio: 'inherit' })
    for (const file of ['use.ts', 'reviews.ts'])
      execFileSync(process.execPath, [file], { cwd: app, stdio: 'inherit' })
    assert.match(readFileSync(join(packed, 'dist', 'index.js'), 'utf8'), /\.\/kind\/builtin\.js/)
    // One file, which reads the two packages that take longest when they are needed.
    const testing = readFileSync(join(packed, 'dist', 'testing', 'index.js'), 'utf8')
    assert.doesNotMatch(testing, /^(?:import|export).*["'](?:\.|yaml|@marcbachmann)/m)
  })
})
