/**
 * The webhooks of scenarios, served over HTTPS on loopback with a certificate made anew. Paths begin with the run, so runs do
 * not see each other's calls. How a review is answered is in `review.ts`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { makeCertificate } from '../../../../lib/review/certificate.ts'
import { readText } from './answer.ts'
import { type JsonObject, parseJson } from './json.ts'
import { put } from './pointer.ts'
import { answerReview, ruleFor } from './review.ts'
import type { Webhook } from './scenario.ts'

/** The webhooks of one run, by path, and the calls (`path`, `query`, `method`, `contentType`, `body`) that nobody has taken yet. */
export interface Entry {
  readonly webhooks: Readonly<Record<string, Webhook>>
  readonly calls: JsonObject[]
}

export interface Webhooks {
  /** `127.0.0.1:PORT` */
  readonly address: string
  /** An address where nothing listens. */
  readonly deadAddress: string
  /** What a webhook's configuration needs to trust this server. */
  readonly caBundle: string
  open(run: string, webhooks: Entry['webhooks']): Entry
  forget(run: string): void
  close(): void
}

/** Listens until it is closed. */
export async function startWebhooks(): Promise<Webhooks> {
  const { ca, cert, key } = await makeCertificate(['127.0.0.1', 'localhost'], Date.now())
  const runs = new Map<string, Entry>()
  const server = createSecureServer({ cert, key }, (message, response) => {
    // A server that hangs up before it is answered makes no difference that the replay would not see.
    answer(runs, message, response).catch(() => response.destroy())
  })
  const address = await listen(server)
  return {
    address,
    deadAddress: await deadAddress(),
    caBundle: Buffer.from(ca).toString('base64'),
    open(run, webhooks) {
      const entry: Entry = { webhooks, calls: [] }
      runs.set(run, entry)
      return entry
    },
    forget: (run) => runs.delete(run),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function deadAddress(): Promise<string> {
  const server = createServer()
  const address = await listen(server)
  await once(server.close(), 'close')
  return address
}

async function answer(
  runs: ReadonlyMap<string, Entry>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readText(message)
  const url = new URL(message.url ?? '/', 'https://webhooks')
  const [, run = '', ...rest] = url.pathname.split('/')
  const path = `/${rest.join('/')}`
  const entry = runs.get(run)
  const webhook = entry?.webhooks[path]
  if (entry === undefined || webhook === undefined) {
    response.writeHead(404).end('no such webhook')
    return
  }
  const body = parseJson(text) ?? text
  const query = Object.fromEntries(url.searchParams)
  const type = message.headers['content-type']
  const contentType = type === undefined ? {} : { contentType: type }
  entry.calls.push({ path, query, method: message.method ?? '', ...contentType, body })
  const rule = ruleFor(webhook, body)
  if (rule.delayMs !== undefined) await delay(rule.delayMs)
  response.writeHead(rule.httpStatus ?? 200, { 'content-type': rule.contentType ?? 'application/json' })
  response.end(rule.raw ?? JSON.stringify(answerReview(rule, body)))
}

/** The calls without those that differ only in the uid that every review has of its own. */
export function distinctCalls(calls: readonly JsonObject[]): JsonObject[] {
  const seen = new Set<string>()
  return calls.filter((call) => {
    const copy = structuredClone(call)
    put(copy, '/body/request/uid', '')
    const text = JSON.stringify(copy)
    return !seen.has(text) && seen.add(text)
  })
}
