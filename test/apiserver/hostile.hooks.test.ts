import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { SERVER_CERT, SERVER_KEY } from '../kube/certificates.ts'
import { CONFIGMAPS, configMap, startServer } from './client.ts'
import { configure, hook, VALIDATING } from './webhooks.ts'

const MEBIBYTE = Buffer.alloc(1024 * 1024, ' ')

/** Answers by path, for each request. */
const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/never': () => {},
  '/drip': (response) => response.write('{'),
  '/half': (response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('{', () => response.destroy())
  },
  '/endless': endless,
}

function endless(response: ServerResponse): void {
  while (!response.destroyed && response.write(MEBIBYTE));
  response.once('drain', () => endless(response))
}

const BROKEN = 'unexpected error when reading response body. Please retry. Original error: '

describe('webhooks that misbehave', () => {
  const cases = [
    ['never', (url: string) => `Post "${url}/never?timeout=1s": context deadline exceeded`],
    ['drip', () => `${BROKEN}context deadline exceeded`],
    ['half', () => `${BROKEN}unexpected EOF`],
    ['endless', () => `${BROKEN}the response is larger than 3145728 bytes`],
  ] as const
  for (const [path, expected] of cases)
    it(`fails the write: ${path}`, async (t) => {
      const url = await listen(t)
      const api = await startServer(t)
      await configure(api, VALIDATING, 'bad', hook(url, path, { timeoutSeconds: 1 }))
      const { status, body } = await api.post(CONFIGMAPS, configMap('a'))
      assert.equal(status, 500)
      assert.equal(
        body.message,
        `Internal error occurred: failed calling webhook "${path}.hooks.example.com": failed to call webhook: ${expected(url)}`,
      )
    })
})

async function listen(t: TestContext): Promise<string> {
  const server = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (request, response) => {
    request.resume()
    ANSWERS[request.url?.replace(/\?.*/, '') ?? '']?.(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
