/** Rewrites one text of a recording: whatever in it is particular to the run becomes a token, the rest stays as it is. */
import type { Json } from '../replay/json.ts'
import { lookup } from '../replay/pointer.ts'
import { capitalised } from '../replay/run.ts'
import type { Webhooks } from '../replay/webhooks.ts'
import type { Values } from './values.ts'
import { placeOf, type Versions } from './versions.ts'

/** Where a text stands. */
export interface Place {
  readonly index: number
  readonly at: string
  /** It was sent, so it is test data but for what was taken from an earlier answer. */
  readonly isSent: boolean
  /** It is the path of a CRD of the run, or of an object of one. */
  readonly isOfRun: boolean
}

/** What is known of the run, and what is learnt from text to text. */
export interface Learnt {
  readonly run: string
  readonly webhooks: Pick<Webhooks, 'address' | 'deadAddress' | 'caBundle'>
  readonly versions: Versions
  readonly values: Values
  readonly now: number
  readonly uids: Map<string, string>
  /** Uids that a source has made up. */
  readonly madeUp: Set<string>
  /** The token that a version was last seen as. */
  readonly recent: Map<string, string>
  /** Earlier answers, the latest first. */
  readonly bodies: { readonly id: string; readonly body: Json | undefined }[]
}

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
/** A time further away than this is test data. */
const RECENT_MS = 2 * 24 * 3600 * 1000

/** The text with tokens. Throws for a time that was sent and stands in no earlier answer. */
export function rewriteText(text: string, place: Place, learnt: Learnt): string {
  const whole = wholeToken(text, place, learnt)
  if (whole !== undefined) return whole
  let written = withTimes(withNames(withUids(text, place, learnt), learnt), place, learnt)
  written = withRun(written, place, learnt)
  if (isMessage(place)) written = withVersions(written, place, learnt)
  return place.isSent && place.at.endsWith('/path') ? withQuery(written, learnt) : written
}

/** A text that is a value by itself. */
function wholeToken(text: string, place: Place, learnt: Learnt): string | undefined {
  const { versions, values, recent } = learnt
  const there = isMessage(place) ? undefined : versions.at.get(placeOf(place.index, place.at))
  if (there !== undefined) {
    recent.set(text, there)
    return there
  }
  const exact = values.exact.get(text)
  if (exact !== undefined) return exact
  return place.isSent && /resourceVersion|value/.test(place.at) ? versions.of.get(text) : undefined
}

const isMessage = ({ at }: Place): boolean =>
  /\/(message|note)$|\/warning\/\d+$|\/headers\/warning|\/causes\/\d+\/message/.test(at)

function withUids(text: string, { isSent }: Place, { uids, madeUp }: Learnt): string {
  return text.replace(UID, (uid) => {
    if (madeUp.has(uid)) return uid
    const token = uids.get(uid)
    if (token !== undefined) return token
    if (isSent) {
      madeUp.add(uid)
      return uid
    }
    uids.set(uid, `<uid:${uids.size + 1}>`)
    return `<uid:${uids.size}>`
  })
}

function withNames(text: string, { webhooks, values }: Learnt): string {
  let written = text
    .replaceAll(webhooks.caBundle, '<ca>')
    .replaceAll(webhooks.address, '<webhook-addr>')
    .replaceAll(webhooks.deadAddress, '<dead-addr>')
  for (const [name, token] of values.names) written = written.replaceAll(name, token)
  // A short value may be part of a word that has nothing to do with it.
  for (const [value, token] of values.exact)
    if (value.length > 12 || /^\d+\.\d+\.\d+\.\d+$/.test(value)) written = written.replaceAll(value, token)
  return written
}

function withTimes(text: string, { at, isSent }: Place, { now, bodies }: Learnt): string {
  return text.replace(TIME, (time, fraction?: string) => {
    if (Math.abs(Date.parse(time) - now) > RECENT_MS) return time
    if (!isSent) return fraction === undefined ? '<time>' : '<microtime>'
    const pointer = at.replace(/^\/request\/body/, '')
    const source = bodies.find(({ body }) => lookup(body, pointer) === time)
    if (source === undefined) throw new Error(`the time ${time} at ${at} comes from no earlier answer`)
    return `<ref:${source.id}#${pointer}>`
  })
}

function withRun(text: string, { at, isOfRun }: Place, { run }: Learnt): string {
  if (at.endsWith('/storageVersionHash') && isOfRun) return '<hash>'
  return text
    .replaceAll(run, '<run>')
    .replaceAll(capitalised(run), '<Run>')
    .replace(/\?hash=[0-9A-F]+/, '?hash=<hash>')
}

/** Versions, and names that CEL makes up, within the text of a message. */
function withVersions(text: string, { index, at }: Place, { versions }: Learnt): string {
  const current = versions.at.get(placeOf(index, at))
  const named = text.replace(/selfType\d+/g, 'selfType<num>')
  return (current === undefined ? named : named.replace(/current: \d+/, `current: ${current}`))
    .replace(/(too old resource version: \d+ )\(\d+\)/, '$1(<num>)')
    .replace(/(?<![\w.:<-])\d{3,}(?![\w.:>-])/g, (version) => versions.of.get(version) ?? version)
}

/** Versions and continue tokens in the query of a path. */
function withQuery(path: string, { versions, values, recent }: Learnt): string {
  return path
    .replace(
      /(resourceVersion=|resourceVersion%3D)(\d+)/g,
      (_, key: string, version: string) => key + (recent.get(version) ?? versions.of.get(version) ?? version),
    )
    .replace(
      /continue=([^&]+)/,
      (_, token: string) => `continue=${values.exact.get(decodeURIComponent(token)) ?? token}`,
    )
}
