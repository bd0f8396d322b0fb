/**
 * convert: objects of a kind from the versions they are in to the one that is asked for, along the author's edges. All of
 * them or none, in order; of metadata only labels and annotations may change (the contract of CRD conversion). Pure.
 */
import { Denied, mistakeText } from './admission/denied.ts'
import type { Conversion, Edge } from './conversion/define.ts'
import { type Lost, lostBetween } from './conversion/keep.ts'
import { noteOf, withNote } from './conversion/note.ts'
import {
  type ConversionRequest,
  type ConversionReview,
  type Convertible,
  conversionEnvelope,
  parseConversion,
} from './conversion/request.ts'
import { fillDefaults, prune } from './kind/settle.ts'
import type { Reviewing } from './review.ts'

export { type Conversion, type ConversionOptions, defineConversion } from './conversion/define.ts'
export type { Lost } from './conversion/keep.ts'
export type { Convertible, ConversionReview } from './conversion/request.ts'

/** Where a version's losses are kept: `fairlead.dev/kept-v2` on an object in v1 that was in v2. */
const KEPT = 'fairlead.dev/kept-'

/**
 * Answers one ConversionReview, given or still being read. Never throws: what cannot be converted is a `Failed` result that names the object and the
 * reason; of a mistake in an edge nothing is told but which object met it.
 */
export async function convert(
  asked: unknown,
  conversion: Conversion,
  { clock, report }: Pick<Reviewing, 'clock' | 'report'>,
): Promise<ConversionReview> {
  const since = clock.now()
  const reading = Promise.resolve(asked)
  const { apiVersion, uid } = conversionEnvelope(await reading.catch(() => undefined))
  const { error, result, response } = await converted(reading, conversion)
  report({
    type: 'reviewed',
    review: conversion.name,
    verb: 'convert',
    result,
    milliseconds: clock.now() - since,
    ...(error !== undefined && { error }),
  })
  return { apiVersion, kind: 'ConversionReview', response: { uid, ...response } }
}

interface Converted {
  readonly result: 'allowed' | 'invalid' | 'failed'
  readonly response: Omit<ConversionReview['response'], 'uid'>
  readonly error?: string
}

async function converted(reading: Promise<unknown>, conversion: Conversion): Promise<Converted> {
  try {
    const { desiredAPIVersion, objects } = parseConversion(await reading)
    const to = versionOf(desiredAPIVersion, conversion)
    const convertedObjects = objects.map((object) => convertNamed(object, to, conversion))
    return { result: 'allowed', response: { convertedObjects, result: { status: 'Success' } } }
  } catch (error) {
    const isOurs = error instanceof Denied
    const message = isOurs ? error.message : `conversion "${conversion.name}" failed`
    const mistake = isOurs ? error.cause : error
    return {
      result: isOurs && error.code < 500 ? 'invalid' : 'failed',
      response: { result: { status: 'Failed', message } },
      ...(mistake !== undefined && { error: mistakeText(mistake) }),
    }
  }
}

function convertNamed(object: Convertible, to: string, conversion: Conversion): Convertible {
  try {
    return convertObject(object, to, conversion)
  } catch (error) {
    if (error instanceof Denied) throw error
    const { apiVersion, kind, metadata } = object
    const text = `conversion of ${kind} "${String(metadata.name)}" from ${apiVersion} to ${to} failed`
    throw new Denied(text, { code: 500, reason: 'InternalError', cause: error })
  }
}

const unconvertible = (text: string): Denied => new Denied(text, { code: 400, reason: 'BadRequest' })

/** The version of an apiVersion of this kind's group. Throws where it is another's. */
function versionOf(apiVersion: ConversionRequest['desiredAPIVersion'], { kind }: Conversion): string {
  const [group, version = ''] = apiVersion.split('/')
  const names = kind.declaration.versions.map(({ name }) => name)
  if (group === kind.group && names.includes(version)) return version
  throw unconvertible(
    `${kind.kind} has the versions ${names.map((name) => `${kind.group}/${name}`).join(', ')}, got ${apiVersion}`,
  )
}

/** One object in another version. Throws {@link Denied} where there is none such, and whatever an edge throws. */
export function convertObject(object: Convertible, to: string, conversion: Conversion): Convertible {
  const { kind, keep } = conversion
  if (object.kind !== kind.kind) throw unconvertible(`conversion is of ${kind.kind}, got ${object.kind}`)
  const from = versionOf(object.apiVersion, conversion)
  if (from === to) return object
  const there = along(object, to, conversion)
  if (!keep) return there
  return withKept(withoutKept(there, { object, to, conversion }), { object, from, to, conversion })
}

/**
 * What an object loses on the way to another version and back, with all that the API server does on the way: defaults filled
 * and unknown fields pruned in each version. Labels and annotations count.
 */
export function lostOnTheWay(object: Convertible, via: string, conversion: Conversion): Lost[] {
  const from = versionOf(object.apiVersion, conversion)
  const original = settled(object, from, conversion)
  const there = settled(convertObject(original, via, conversion), via, conversion)
  const back = settled(convertObject(there, from, conversion), from, conversion)
  return lostBetween(comparable(original), comparable(back))
}

const comparable = ({ spec, status, metadata: { labels, annotations } }: Convertible) =>
  defined({ spec, status, metadata: { labels, annotations } })

const declaredVersion = (version: string, { kind }: Conversion) =>
  kind.declaration.versions.find(({ name }) => name === version)

function settled(object: Convertible, version: string, conversion: Conversion): Convertible {
  const { spec, status } = declaredVersion(version, conversion)?.schema.properties ?? {}
  const copy = structuredClone(object)
  const schema = { properties: { ...(spec && { spec }), ...(status && { status }) } }
  const body: Record<string, unknown> = {
    spec: copy.spec,
    ...(copy.status !== undefined && { status: copy.status }),
  }
  fillDefaults(body, schema)
  prune(body, schema)
  return { ...copy, ...body }
}

function along(object: Convertible, to: string, conversion: Conversion): Convertible {
  const from = versionOf(object.apiVersion, conversion)
  const body = (conversion.way(from, to) ?? []).reduce(stepped, object)
  return { ...body, apiVersion: `${conversion.kind.group}/${to}` }
}

/** One edge. It is given copies: what it does to them must not reach the object that it is compared with. */
function stepped(at: Convertible, edge: Edge): Convertible {
  const given = structuredClone({ metadata: at.metadata, spec: at.spec, status: at.status })
  const result = edge(given)
  const { spec, labels, annotations } = result
  const metadata = { ...at.metadata, ...(labels && { labels }), ...(annotations && { annotations }) }
  // A status that is given as undefined is taken away; one that is left out stays. Nothing else is an edge's to change.
  return defined({ ...at, metadata, spec, ...('status' in result && { status: result.status }) })
}

/** The same without fields that are undefined. */
const defined = <B extends object>(body: B): B => JSON.parse(JSON.stringify(body)) as B

interface Kept {
  readonly object: Convertible
  readonly from: string
  readonly to: string
  readonly conversion: Conversion
}

/** Puts back what an earlier conversion from this version kept, and takes the note off. */
function withoutKept(there: Convertible, { object, to, conversion }: Omit<Kept, 'from'>): Convertible {
  const name = `${KEPT}${to}`
  // An edge may have written annotations of its own over it.
  const note = annotationsOf(object)[name]
  if (note === undefined) return there
  const { [name]: _note, ...annotations } = annotationsOf(there)
  const version = declaredVersion(to, conversion)
  const isValid = (spec: unknown) => version?.spec.safeParse(spec).success ?? false
  const spec = withNote(settled(there, to, conversion).spec, note, isValid)
  return { ...there, metadata: withAnnotations(there.metadata, annotations), spec }
}

/** Notes what the way back would not bring back of the spec. What defaults bring back needs no note. */
function withKept(there: Convertible, { object, from, to, conversion }: Kept): Convertible {
  // What an edge hands on although the version does not know it is pruned by the API server, and does not come back.
  const returned = along(settled(there, to, conversion), from, conversion)
  const [before, back] = [object, returned].map((one) => settled(one, from, conversion).spec)
  const note = noteOf(before, back)
  if (note === undefined) return there
  const annotations = { ...annotationsOf(there), [`${KEPT}${from}`]: note }
  return { ...there, metadata: withAnnotations(there.metadata, annotations) }
}

const annotationsOf = ({ metadata }: Convertible): Record<string, string> => ({
  ...(metadata.annotations as Record<string, string> | undefined),
})

function withAnnotations(
  metadata: Convertible['metadata'],
  annotations: Readonly<Record<string, string>>,
): Convertible['metadata'] {
  const { annotations: _old, ...rest } = metadata
  return Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }
}
