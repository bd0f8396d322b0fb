/** What functions leave out because it was done when they were bundled, and that nobody notices. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { ZodType } from 'zod'
import { operator } from '../../functions/operator.ts'
import { bundle } from '../../infra/aws/bundle.ts'
import { isCustom, type Kind, type KindVersion, type Operator } from '../../lib/index.ts'
import type { UrlEvent, UrlHandler } from '../../lib/lambda.ts'
import { capabilityPath, parseKeys } from '../../lib/review/capability.ts'
import { asked } from '../review.samples.ts'
import { scratchFolder } from '../scratch.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const folder = scratchFolder()

/** Bundles a module with this text, for an operator (default: itself), and imports it. */
async function bundled<T>(name: string, text: string, of: 'itself' | 'repository' = 'itself'): Promise<T> {
  const entry = join(folder, `${name}.ts`)
  writeFileSync(entry, text.replaceAll('ROOT', ROOT))
  const made = await bundle(entry, join(folder, name), of === 'itself' ? entry : undefined)
  return (await import(pathToFileURL(join(made.folder, 'index.mjs')).href)) as T
}

/** Custom kinds that an operator knows, in every version, by name. */
function kindsOf({ controllers, reviews, conversions }: Operator): Map<string, KindVersion> {
  const kinds = [...controllers, ...reviews, ...conversions].map(({ kind }) => kind as Kind)
  return new Map(kinds.filter(isCustom).map((kind) => [`${kind.kind}/${kind.version}`, kind]))
}

const DEFINE = `import * as z from 'ROOT/node_modules/zod/index.js'
import { defineKind } from 'ROOT/lib/index.ts'
const define = (kind: string, spec = z.object({ size: z.int().default(3) }), version = 'v1') =>
  defineKind({ group: 'test.fairlead.dev', kind, scope: 'Cluster', versions: { [version]: { spec } } })
`

describe('declarations in a bundle', () => {
  it('are those of the source, for every kind of the operator', async () => {
    const text = `export { operator } from 'ROOT/functions/operator.ts'`
    const there = kindsOf((await bundled<{ operator: Operator }>('same', text, 'repository')).operator)
    const here = kindsOf(operator)
    assert.ok(here.size >= 3, `${here.size} kinds`)
    assert.deepEqual([...there.keys()], [...here.keys()])
    for (const [name, kind] of here) {
      const found = there.get(name)
      assert.ok(found !== undefined)
      assert.deepEqual(withoutZod(found), withoutZod(kind))
    }
  })

  it('are those of all kinds that the operator’s modules define, whether it has controllers for them or not', async () => {
    const text = `${DEFINE} export const kind = define('Lone'); export const operator = {}`
    const { kind } = await bundled<{ kind: KindVersion }>('lone', text)
    assert.deepEqual(kind.declaration.versions[0]?.schema.properties?.spec, {
      type: 'object',
      properties: { size: { type: 'integer', default: 3 } },
    })
  })

  it('are missing for a kind that is made later: the error names it and the way out', async () => {
    const text = `${DEFINE} define('Lone'); export const later = define`
    const { later } = await bundled<{ later(kind: string, spec?: undefined, version?: string): void }>(
      'later',
      text,
    )
    later('Lone')
    assert.throws(() => later('Other'), {
      message:
        /^Kind "Other" of test\.fairlead\.dev was not there when this function was bundled: define it in a module that the operator imports/,
    })
    assert.throws(() => later('Lone', undefined, 'v2'), /^Error: Kind "Lone": v2 was not there when/)
    assert.throws(() => later('constructor'), /^Error: Kind "constructor" of/)
  })

  it('are refused when they are bundled, as the source refuses them', async () => {
    await assert.rejects(bundled('date', `${DEFINE} define('Dated', z.object({ at: z.date() }) as never)`), {
      message: /could not be loaded to be bundled: Kind "Dated": v1 spec\.at: z\.date\(\) is not JSON/,
    })
    const twice = `${DEFINE} define('Lone'); define('Lone', z.object({ other: z.int().default(1) }) as never)`
    await assert.rejects(
      bundled('twice', twice),
      /Kind "Lone": is defined twice in one operator, and not the same/,
    )
    const controller = `${DEFINE} import { defineController } from 'ROOT/lib/index.ts'
      defineController(define('Lone'), { concurrency: 0, reconcile() {} })`
    await assert.rejects(
      bundled('controller', controller),
      /Controller "lone": concurrency must be an integer >= 1/,
    )
  })

  it('leave zod without its way to JSON Schema, which says so, and with all else', async () => {
    const text = `import * as z from 'ROOT/node_modules/zod/index.js'
      import { defineKind } from 'ROOT/lib/index.ts'
      export { defineKind }
      export const schema = z.string().min(2).max(5)
      export const make = () => z.toJSONSchema(schema)`
    const zod = await bundled<{
      schema: ZodType & {
        minLength: number
        toJSONSchema(): unknown
        '~standard': { jsonSchema: { input(of: object): unknown } }
      }
      make(): unknown
    }>('zod', text)
    assert.deepEqual([zod.schema.minLength, zod.schema.safeParse('a').success], [2, false])
    const { input } = zod.schema['~standard'].jsonSchema
    for (const call of [zod.make, () => zod.schema.toJSONSchema(), () => input({ target: 'draft-2020-12' })])
      assert.throws(call, /JSON Schema of zod is left out of functions/)
  })
})

describe('a function is not bundled', () => {
  it('where its operator cannot be loaded', async () => {
    const failing = bundled('failing', `import '${ROOT}/lib/kind.ts'; throw new Error('no such setting')`)
    await assert.rejects(failing, /failing\.ts could not be loaded to be bundled: no such setting/)
    const ending = bundled('ending', `import '${ROOT}/lib/kind.ts'; process.exit(0)`)
    await assert.rejects(ending, /ending\.ts could not be loaded to be bundled: it ends the process/)
  })

  it('where a new zod keeps elsewhere what is to be left out', async () => {
    const moved = join(folder, 'zod/v4/classic')
    mkdirSync(moved, { recursive: true })
    writeFileSync(join(moved, 'schemas.js'), 'export const string = () => {}')
    const text = `export { string } from './zod/v4/classic/schemas.js'`
    await assert.rejects(bundled('moved', text), /zod has no v4\/core\/to-json-schema\.js any more/)
  })
})

/** What a kind says of itself; its zod schemas are others in a bundle, and must be there. */
function withoutZod({ declaration, ...handle }: KindVersion): object {
  const versions = declaration.versions.map(({ spec, status, ...version }) => {
    assert.ok(spec._zod && (status === undefined || status._zod))
    return { ...version, hasStatus: status !== undefined }
  })
  const { versions: _, ...others } = handle as KindVersion & { versions?: object }
  return { ...others, declaration: { ...declaration, versions } }
}

const GROUP = 'apps.fairlead.dev'
const keys = `k1=${Buffer.alloc(32, 7).toString('base64url')}`

describe('a bundled review', () => {
  const handlers: { source?: UrlHandler; bundle?: UrlHandler } = {}
  before(async () => {
    process.env.FAIRLEAD_REVIEW_KEYS = keys
    const { folder: made } = await bundle('functions/review/lambda.ts', join(folder, 'review'))
    const load = async (path: string) =>
      ((await import(pathToFileURL(path).href)) as { handler: UrlHandler }).handler
    handlers.source = await load(join(ROOT, 'functions/review/lambda.ts'))
    handlers.bundle = await load(join(made, 'index.mjs'))
  })

  const app = (spec: object, version = 'v1') => ({
    apiVersion: `${GROUP}/${version}`,
    kind: 'MyApp',
    metadata: { name: 'web', namespace: 'default' },
    spec,
  })
  const about = (object: object, more: object = {}) =>
    asked(object, {
      kind: { group: GROUP, version: 'v1', kind: 'MyApp' },
      resource: { group: GROUP, version: 'v1', resource: 'myapps' },
      ...more,
    })
  const conversion = (version: string, objects: object[]) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    request: { uid: 'u', desiredAPIVersion: `${GROUP}/${version}`, objects },
  })
  const good = { image: 'nginx:1.27', replicas: 2, service: { port: 80, type: 'ClusterIP' } }
  const cases: Record<string, [path: string, body: object, answered: RegExp]> = {
    'what is good': ['validate/myapp', about(app(good)), /"allowed":true/],
    'what is bad': ['validate/myapp', about(app({ ...good, replicas: 99, image: '' })), /must be less than/],
    'what is not of its type': [
      'validate/myapp',
      about(app({ ...good, replicas: 'x', more: 1 })),
      /"allowed":false/,
    ],
    'a change': [
      'validate/myapp',
      about(app(good), { operation: 'UPDATE', oldObject: app(good) }),
      /"allowed":true/,
    ],
    'what is to be filled in': ['mutate/myapp', about(app({ image: 'nginx' })), /"patch"/],
    'another kind': ['validate/tstest', about(app(good)), /"allowed":false/],
    'an older version': ['convert/myapp', conversion('v1beta1', [app(good)]), /"status":"Success"/],
    'a newer version': [
      'convert/myapp',
      conversion('v1', [app({ image: 'nginx' }, 'v1beta1')]),
      /convertedObjects/,
    ],
    'a version that is not there': ['convert/myapp', conversion('v9', [app(good)]), /"Failed"/],
    'no review': ['validate/myapp', { kind: 'Other' }, /"allowed":false/],
  }
  for (const [name, [path, body, answered]] of Object.entries(cases))
    it(`answers as the source does: ${name}`, async () => {
      const { source, bundle: made } = handlers
      assert.ok(source !== undefined && made !== undefined)
      const event = await eventOf(path, body)
      const answer = await made(event)
      assert.match(answer.body, answered)
      assert.deepEqual(answer, await source(event))
    })
})

const eventOf = async (path: string, body: object): Promise<UrlEvent> => ({
  rawPath: `${await capabilityPath(parseKeys(keys), 'default')}/${path}`,
  rawQueryString: 'timeout=5s',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST' }, domainName: 'x' },
  body: JSON.stringify(body),
  isBase64Encoded: false,
})
