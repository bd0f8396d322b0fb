/** The layers of house-style rules 4-8, read off the imports of every file. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'

interface Import {
  readonly from: string
  readonly to: string
  readonly isTypeOnly: boolean
}

const files = globSync('{lib,functions}/**/*.ts').map((file) => file.replaceAll('\\', '/'))
const imports = files.flatMap(importsOf)

function importsOf(from: string): Import[] {
  const text = readFileSync(from, 'utf8')
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gm,
  )
  return [...found].map(([, isType, target, lazy]) => {
    const to = target ?? lazy ?? ''
    return {
      from,
      to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to,
      isTypeOnly: Boolean(isType),
    }
  })
}

const text = ({ from, to }: Import) => `${from} imports ${to}`
const isStation = (file: string) => /^lib\/[^/]+\.ts$/.test(file)
const portOf = (file: string) => /^lib\/([^/]+)\//.exec(file)?.[1]

/** Folders that are a station's own rooms (form B of the house): as free of platforms as the station itself. */
const ROOMS = [
  'apply',
  'reconcile',
  'relay',
  'watch',
  'lead',
  'kind',
  'operator',
  'manifest',
  'work',
  'admission',
  'conversion',
  'notice',
]

describe('layers', () => {
  it('finds files and imports to look at', () => {
    assert.ok(files.length > 30 && imports.length > 100, `${files.length} files, ${imports.length} imports`)
  })

  it('lets nothing in lib import functions', () => {
    assert.deepEqual(
      imports.filter(({ from, to }) => from.startsWith('lib/') && to.startsWith('functions/')).map(text),
      [],
    )
  })

  it('keeps stations and their rooms free of node:, packages other than zod, and adapters', () => {
    const free = imports.filter(({ from }) => isStation(from) || ROOMS.includes(portOf(from) ?? ''))
    const allowed = ({ to, isTypeOnly }: Import) =>
      to === 'zod' ||
      (to.startsWith('kubernetes-types/') && isTypeOnly) ||
      isStation(to) ||
      (to.startsWith('lib/') && ROOMS.includes(portOf(to) ?? ''))
    assert.deepEqual(free.filter((entry) => !allowed(entry)).map(text), [])
  })

  it('keeps an adapter to its port and its own folder', () => {
    const adapters = imports.filter(
      ({ from }) =>
        portOf(from) !== undefined &&
        !ROOMS.includes(portOf(from) ?? '') &&
        // What `fairlead/testing` is made of: it has no port, and nothing in lib imports it.
        from !== 'lib/testing/index.ts',
    )
    const strays = adapters.filter(({ from, to }) => {
      const folder = portOf(to)
      return folder !== undefined && folder !== portOf(from)
    })
    assert.deepEqual(strays.map(text), [])
  })

  it('imports each package in as few files as it can', () => {
    const homes: Record<string, RegExp> = {
      '@kubernetes/client-node': /^lib\/kube\/kubeconfig\.ts$/,
      '@marcbachmann/cel-js': /^lib\/apiserver\/schema\//,
      // One app for each of the three that others ask over HTTP: reviews, the ingress, the queue's desk.
      hono: /^lib\/(review|ingress|queue\/desk)\//,
      '@hono/node-server': /^lib\/review\//,
      'hono/tiny': /^lib\/(review|ingress|queue\/desk)\//,
      jose: /^lib\/ingress\/oidc\.ts$/,
      'fast-check': /^lib\/testing\//,
      'reflect-metadata': /^lib\/review\//,
      '@peculiar/x509': /^lib\/review\//,
      aws4fetch: /^lib\/aws\/sign\.ts$/,
      'node:sqlite': /^lib\/database\//,
      yaml: /^(lib\/apiserver\/|functions\/)/,
    }
    const strays = imports.filter(({ from, to }) => homes[to] !== undefined && !homes[to].test(from))
    assert.deepEqual(strays.map(text), [])
  })

  it('reads the environment in functions/env.ts only', () => {
    const readers = files.filter((file) => /\bprocess\.env\b/.test(readFileSync(file, 'utf8')))
    assert.deepEqual(
      readers.filter((file) => file !== 'functions/env.ts' && file !== 'lib/kube/kubeconfig.ts'),
      [],
    )
  })

  it('has no import cycles at run time', () => {
    const graph = new Map(
      files.map((file) => [file, imports.filter((i) => i.from === file && !i.isTypeOnly).map((i) => i.to)]),
    )
    assert.deepEqual(cycles(graph), [])
  })
})

/** Every cycle that a depth-first walk closes, as text. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) return void found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}
