import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Api, type Body, CONFIGMAPS, configMap, type Line, startServer } from './client.ts'

/** Objects by name, each by its resourceVersion. */
type State = Readonly<Record<string, string>>

const stateOf = (items: readonly Body[]): State =>
  Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))

const steps = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    action: fc.constantFrom('merge', 'apply', 'put', 'delete', 'hold'),
  }),
  { minLength: 1, maxLength: 25 },
)
interface Step {
  name: string
  action: string
}

/** Does one step, whatever is there; a refusal is as good as a success. */
async function run(api: Api, { name, action }: Step, at: number): Promise<void> {
  const path = `${CONFIGMAPS}/${name}`
  if (action === 'delete') await api.remove(path)
  else if (action === 'apply') await api.apply(path, configMap(name, { at: String(at) }), 'one')
  else if (action === 'put') await api.put(path, configMap(name, { at: String(at) }))
  else if (action === 'merge') await api.merge(path, { data: { at: String(at) } })
  // A finalizer that comes and goes: its removal may be what deletes the object.
  else await api.merge(path, { metadata: { finalizers: at % 2 === 0 ? ['example.com/hold'] : null } })
}

/** What a watch tells until the object `end` appears. */
async function told(api: Api, query: string): Promise<Line[]> {
  const watch = await api.watch(`${CONFIGMAPS}?watch=1&${query}`)
  const lines: Line[] = []
  for (let line = await watch.next(); line !== undefined; line = await watch.next()) {
    if (line.object.metadata.name === 'end') break
    lines.push(line)
  }
  watch.close()
  return lines
}

/** The state after a watch's lines; asserts that they are in order and fit what they follow. */
function follow(start: State, lines: readonly Line[]): State {
  const state: Record<string, string> = { ...start }
  let last = 0
  for (const { type, object } of lines) {
    const { name, resourceVersion } = object.metadata
    assert.ok(Number(resourceVersion) > last, 'each version once, and in order')
    last = Number(resourceVersion)
    assert.equal(type === 'ADDED', state[name] === undefined, `${type} of ${name}`)
    if (type === 'DELETED') delete state[name]
    else state[name] = resourceVersion
  }
  return state
}

describe('consistency of the embedded API server, whatever is written', () => {
  it('shows a watch from any version exactly the changes after it, also while it is open', async (t) => {
    const api = await startServer(t)
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(25), async (writes, openAt) => {
        await clear(api)
        const seen: { start: State; version: string; lines?: Promise<Line[]> }[] = []
        for (const [at, step] of writes.entries()) {
          const { body } = await api.get(CONFIGMAPS)
          const version = body.metadata.resourceVersion
          const open = at === openAt ? { lines: told(api, `resourceVersion=${version}`) } : {}
          seen.push({ start: stateOf(body.items), version, ...open })
          await run(api, step, at)
        }
        const final = stateOf((await api.get(CONFIGMAPS)).body.items)
        await api.post(CONFIGMAPS, configMap('end'))
        for (const { start, version, lines } of seen)
          assert.deepEqual(follow(start, await (lines ?? told(api, `resourceVersion=${version}`))), final)
      }),
      { numRuns: 15 },
    )
  })

  it('loses and doubles nothing between initial events and what follows', async (t) => {
    const api = await startServer(t)
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    await fc.assert(
      fc.asyncProperty(steps, async (writes) => {
        await clear(api)
        const watches: Promise<Line[]>[] = []
        for (const [at, step] of writes.entries()) {
          watches.push(told(api, query))
          await run(api, step, at)
        }
        const final = stateOf((await api.get(CONFIGMAPS)).body.items)
        await api.post(CONFIGMAPS, configMap('end'))
        for (const watch of watches) {
          const lines = await watch
          const seam = lines.findIndex(({ type }) => type === 'BOOKMARK')
          const start = stateOf(lines.slice(0, seam).map(({ object }) => object))
          assert.deepEqual(follow(start, lines.slice(seam + 1)), final)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('pages through the state of the first page while writes go on', async (t) => {
    const api = await startServer(t)
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (writes, limit) => {
        await clear(api)
        for (const name of ['a', 'c', 'e', 'g']) await api.post(CONFIGMAPS, configMap(name))
        const expected = stateOf((await api.get(CONFIGMAPS)).body.items)
        const items: Body[] = []
        let next = ''
        for (let at = 0; at === 0 || next !== ''; at++) {
          const { body } = await api.get(`${CONFIGMAPS}?limit=${limit}&continue=${next}`)
          items.push(...body.items)
          next = String(body.metadata.continue ?? '')
          const step = writes[at % writes.length]
          if (step !== undefined) await run(api, step, at)
        }
        assert.deepEqual(stateOf(items), expected)
      }),
      { numRuns: 15 },
    )
  })

  it('lets exactly one of many writers with one resourceVersion win, by whatever verb', async (t) => {
    const api = await startServer(t)
    const verbs = fc.array(
      fc.constantFrom('put', 'merge', 'json', 'strategic', 'apply', 'delete', 'finalizer'),
      {
        minLength: 2,
        maxLength: 6,
      },
    )
    await fc.assert(
      fc.asyncProperty(verbs, async (writers) => {
        await clear(api)
        const { body } = await api.post(CONFIGMAPS, configMap('a', {}, { finalizers: ['example.com/hold'] }))
        const answers = await Promise.all(
          writers.map((verb, at) => write(api, { verb, at, version: body.metadata.resourceVersion })),
        )
        assert.equal(answers.filter((status) => status === 200).length, 1, `${writers}: ${answers}`)
        assert.ok(answers.every((status) => [200, 404, 409, 422].includes(status)))
      }),
      { numRuns: 40 },
    )
  })
})

async function clear(api: Api): Promise<void> {
  for (const { metadata } of (await api.get(CONFIGMAPS)).body.items) {
    await api.merge(`${CONFIGMAPS}/${metadata.name}`, { metadata: { finalizers: null } })
    await api.remove(`${CONFIGMAPS}/${metadata.name}`)
  }
}

async function write(
  api: Api,
  { verb, at, version }: { verb: string; at: number; version: string },
): Promise<number> {
  const path = `${CONFIGMAPS}/a`
  const changed = { metadata: { resourceVersion: version }, data: { by: String(at) } }
  const named = configMap('a', { by: String(at) }, { resourceVersion: version })
  const send = async (type: string, body: unknown, query = '') =>
    (await api.send('PATCH', `${path}?fieldManager=m${at}${query}`, { body, type })).status
  if (verb === 'put') return (await api.put(path, named)).status
  if (verb === 'merge') return (await api.merge(path, changed)).status
  if (verb === 'apply') return send('application/apply-patch+yaml', named, '&force=true')
  if (verb === 'delete')
    return (await api.remove(path, { preconditions: { resourceVersion: version } })).status
  if (verb === 'finalizer')
    return (await api.merge(path, { metadata: { resourceVersion: version, finalizers: null } })).status
  if (verb === 'strategic') return send('application/strategic-merge-patch+json', changed)
  return send('application/json-patch+json', [
    { op: 'test', path: '/metadata/resourceVersion', value: version },
    { op: 'add', path: '/data', value: { by: String(at) } },
  ])
}
