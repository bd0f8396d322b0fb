/** A bare client for the `apiserver` benchmark: bodies in, texts out, as little of its own as can be. */
import * as http from 'node:http'
import * as https from 'node:https'
import { once } from 'node:events'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'

export interface BareClient {
  /** Resolves with the body; rejects when the server refuses. */
  send(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<string>
  /** Resolves when the server has answered; `onLines` hears how many lines came, until `close`. */
  watch(path: string, onLines: (count: number) => void): Promise<{ close(): void }>
  close(): void
}

/** Keeps as many connections as requests are sent at once; a watch has one of its own. */
export async function openClient(kubeconfig: string): Promise<BareClient> {
  const credentials = await loadCredentials({ kubeconfig })
  const { server, ca, cert, key } = credentials
  const { protocol, hostname, port } = new URL(server)
  const { Agent, request } = protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true })
  const fixed = (await credentials.headers?.(false)) ?? {}
  const base = { hostname, port, ca, cert, key, servername: hostname === '127.0.0.1' ? '' : hostname }
  const open = async (method: string, path: string, body: string | undefined, more: object, own: object) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const headers = { accept: 'application/json', 'user-agent': 'bench', ...fixed, ...length, ...more }
    const sent = request({ ...base, ...own, method, path, headers })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [http.IncomingMessage]
    return answer
  }
  return {
    async send(method, path, body, headers = {}) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await open(method, path, body, { ...type, ...headers }, { agent })
      const chunks: Buffer[] = []
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      if ((answer.statusCode ?? 0) >= 300) throw new Error(`${method} ${path}: ${text.slice(0, 300)}`)
      return text
    },
    async watch(path, onLines) {
      const answer = await open('GET', path, undefined, {}, { agent: false })
      answer.on('data', (chunk: Buffer) => onLines(linesIn(chunk)))
      // A server that ends the stream is found out by the lines that are missing.
      answer.on('error', () => {})
      return { close: () => void answer.destroy() }
    },
    close: () => agent.destroy(),
  }
}

const NEWLINE = 10

function linesIn(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++
  return count
}
