/** A transport that answers from a list, for tests of the REST logic without a network. */
import type { Resource, Transport, TransportRequest, TransportResponse } from '../../lib/kube.ts'

export const configMaps: Resource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}

export const deployments: Resource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
}

export const nodes: Resource = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }

/** What the server says next: an answer, or a failure of the network. */
export type Next =
  | {
      readonly status: number
      readonly body?: object | string | AsyncIterable<string>
      readonly headers?: Record<string, string>
    }
  | Error

export interface Script extends Transport {
  readonly requests: TransportRequest[]
}

/** Answers one request with each of `answers`, the last one for ever. */
export function scripted(...answers: Next[]): Script {
  const requests: TransportRequest[] = []
  return {
    server: 'https://kube.example:6443',
    requests,
    async send(request): Promise<TransportResponse> {
      const next = answers[Math.min(requests.length, answers.length - 1)]
      requests.push(request)
      if (next === undefined || next instanceof Error) throw next
      return { status: next.status, headers: next.headers ?? {}, body: chunksOf(next.body ?? '') }
    },
    close() {},
  }
}

/** The chunks as a body. */
export async function* chunks(...texts: string[]): AsyncGenerator<string> {
  yield* texts
}

function chunksOf(body: object | string | AsyncIterable<string>): AsyncIterable<string> {
  if (typeof body === 'string') return chunks(body)
  return Symbol.asyncIterator in body ? (body as AsyncIterable<string>) : chunks(JSON.stringify(body))
}
