/** Turns what was recorded of one run into a scenario: everything that is particular to the run becomes a token. */
import { isObject, type Json, type JsonObject } from '../replay/json.ts'
import type { Webhooks } from '../replay/webhooks.ts'
import { type Columns, hideAges } from './ages.ts'
import type { Page } from './page.ts'
import { type Learnt, type Place, rewriteText } from './texts.ts'
import { collectValues } from './values.ts'
import { numberVersions } from './versions.ts'

/** The parts of a scenario that a run makes. */
export interface Tokenised {
  readonly steps: JsonObject[]
  readonly webhooks: Json
  readonly cleanup: Json
}

/** The page with tokens. `now` is when it was recorded: times near it are of the run. */
export function tokenise(page: Page, webhooks: Webhooks, now: number): Tokenised {
  const learnt: Learnt = {
    run: page.run,
    webhooks,
    versions: numberVersions(page.steps),
    values: collectValues(page.steps),
    now,
    uids: new Map(),
    madeUp: new Set(),
    recent: new Map(),
    bodies: [],
  }
  const columns: Columns = new Map()
  return {
    steps: page.steps.map((_, index) => tokeniseStep(page, index, learnt, columns)),
    webhooks: withoutRun(JSON.parse(JSON.stringify(page.webhooks)), learnt),
    cleanup: withoutRun([...page.cleanup], learnt),
  }
}

const SENT = ['request', 'wait', 'watch', 'until']
const RECEIVED = ['response', 'events', 'bookmark', 'calls']

function tokeniseStep({ steps, run }: Page, index: number, learnt: Learnt, columns: Columns): JsonObject {
  const { step, raw } = steps[index] ?? { step: {}, raw: undefined }
  const isOfRun = JSON.stringify(step.wait ?? step.request ?? '').includes(run)
  const stream = isObject(step.watch) && typeof step.watch.read === 'string' ? step.watch.read : ''
  // Only the first event of a watch says what its columns are.
  if (stream === '') columns.delete('')
  const written: JsonObject = { ...step }
  for (const part of [...SENT, ...RECEIVED]) {
    const value = step[part]
    if (value === undefined) continue
    const place = { index, at: `/${part}`, isSent: SENT.includes(part), isOfRun }
    written[part] = rewrite(value, place, { learnt, columns, stream })
  }
  if (step.request !== undefined || step.wait !== undefined)
    learnt.bodies.unshift({ id: String(step.id), body: raw })
  return Array.isArray(written.calls) ? { ...written, calls: written.calls.map(hideUser) } : written
}

interface Rewriting {
  readonly learnt: Learnt
  readonly columns: Columns
  readonly stream: string
}

function rewrite(value: Json, place: Place, rewriting: Rewriting): Json {
  const { learnt, columns, stream } = rewriting
  const { at } = place
  // Masks are pointers and tokens, and why a body is ignored is prose: both are the source's own.
  if (at === '/response/mask' || at === '/response/bodyIgnored') return value
  if (typeof value === 'string') return rewriteText(value, place, learnt)
  if (typeof value === 'number' && at.endsWith('/nodePort')) return learnt.values.ports.get(value) ?? value
  if (Array.isArray(value))
    return value.map((item, index) => rewrite(item, { ...place, at: `${at}/${index}` }, rewriting))
  if (!isObject(value)) return value
  const written: JsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const name = rewriteText(key, { ...place, at: `${at}/${key}#key` }, learnt)
    written[name] = rewrite(item, { ...place, at: `${at}/${key}` }, rewriting)
  }
  return hideAges(value, written, columns, stream)
}

/** Who a server calls a webhook for is its own affair. */
function hideUser(call: Json): Json {
  if (!isObject(call) || !isObject(call.body) || !isObject(call.body.request)) return call
  if (!call.body.request.userInfo) return call
  const request = { ...call.body.request, userInfo: '<object>' }
  return { ...call, body: { ...call.body, request } }
}

/** What a source says of webhooks, and paths to delete: only the run and its webhook server are in them. */
function withoutRun(value: Json, learnt: Learnt): Json {
  const text = (given: string) =>
    given.replaceAll(learnt.webhooks.address, '<webhook-addr>').replaceAll(learnt.run, '<run>')
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((item) => withoutRun(item, learnt))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), withoutRun(item, learnt)]))
}
