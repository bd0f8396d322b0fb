import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { CONFIGMAPS, configMap, startServer } from './client.ts'

/** What a connection answers to these bytes before it says nothing more or ends. */
function exchange(url: string, sent: string | Buffer, answers = 1): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    const isDone = () => (text.match(/HTTP\/1\.1 (?!100)/g) ?? []).length >= answers && /\r\n\r\n/.test(text)
    const finish = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (isDone()) finish()
    })
    socket.on('close', finish).on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') finish()
      else reject(error)
    })
    socket.write(sent)
  })
}

async function edgeOf(t: TestContext) {
  const api = await startServer(t)
  const head = (line: string, headers = `Host: 127.0.0.1\r\n`) => `${line}\r\n${headers}\r\n`
  const status = async (sent: string | Buffer) => {
    const text = await exchange(api.server.url, sent)
    const [first = ''] = text.split('\r\n', 1)
    return `${first.replace(/^HTTP\/1.1 (\d+).*$/, '$1')} ${text.split('\r\n\r\n')[1] ?? ''}`
  }
  return { api, head, status }
}

describe('broken HTTP before the embedded API server', () => {
  it('is answered in the plain words of net/http', async (t) => {
    const { head, status } = await edgeOf(t)
    const expected: [string | Buffer, string][] = [
      ['garbage\r\n\r\n', '400 400 Bad Request'],
      [Buffer.from([0, 1, 2, 13, 10, 13, 10]), '400 400 Bad Request'],
      [head('GET /healthz HTTP/1.1', ''), '400 400 Bad Request: missing required Host header'],
      [head('GET /healthz HTTP/2.0'), '505 505 HTTP Version Not Supported: unsupported protocol version'],
      [head('GET /healthz HTTP/1.1', 'Host: 127.0.0.1\r\nHost: b\r\n'), '400 400 Bad Request'],
      [
        head('GET /healthz HTTP/1.1', 'Host: 127.0.0.1\r\nBad Header: x\r\n'),
        '400 400 Bad Request: invalid header name',
      ],
      [head('GET /a%zz HTTP/1.1'), '400 400 Bad Request'],
      [head('CONNECT example.com:80 HTTP/1.1'), '404 404 page not found\n'],
      [head('OPTIONS * HTTP/1.1'), '200 '],
      [head('GET http://127.0.0.1/healthz HTTP/1.1'), '200 ok'],
      [head('GET /healthz HTTP/1.0', ''), '200 ok'],
    ]
    for (const [sent, answer] of expected) assert.equal(await status(sent), answer, JSON.stringify(sent))
  })

  it('takes heads of a mebibyte, and answers 431 beyond', async (t) => {
    const { head, status } = await edgeOf(t)
    const padded = (bytes: number) =>
      head('GET /healthz HTTP/1.1', `Host: 127.0.0.1\r\nX: ${'x'.repeat(bytes)}\r\n`)
    assert.equal(await status(padded(1_000_000)), '200 ok')
    assert.equal(await status(padded(1_200_000)), '431 431 Request Header Fields Too Large')
  })

  it('answers requests that are sent without waiting in their order', async (t) => {
    const { api, head } = await edgeOf(t)
    const paths = ['/healthz', `${CONFIGMAPS}/absent`, '/nowhere']
    const sent = paths.map((path) => head(`GET ${path} HTTP/1.1`)).join('')
    const text = await exchange(api.server.url, sent, paths.length)
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 404'])
  })

  it('does not read a body where the path or the type is refused, and says so of one that is too large', async (t) => {
    const api = await startServer(t)
    const large = { body: 'x'.repeat(4 * 1024 * 1024) }
    assert.equal((await api.send('POST', '/nowhere', large)).status, 404)
    assert.equal((await api.send('POST', CONFIGMAPS, { ...large, type: 'text/plain' })).status, 415)
    for (const [method, path] of [
      ['POST', CONFIGMAPS],
      ['PUT', `${CONFIGMAPS}/a`],
      ['DELETE', `${CONFIGMAPS}/a`],
    ] as const) {
      const { status, body } = await api.send(method, path, large)
      assert.deepEqual([status, body.message], [413, 'Request entity too large: limit is 3145728'])
    }
  })

  it('lives on when clients go away in the middle of everything', async (t) => {
    const { api, head } = await edgeOf(t)
    const { hostname, port } = new URL(api.server.url)
    const pieces = [
      'GE',
      head('GET /healthz HTTP/1.1').slice(0, -2),
      `${head(`POST ${CONFIGMAPS} HTTP/1.1`, 'Host: 127.0.0.1\r\nContent-Length: 100\r\n')}{"a":`,
      head(`GET ${CONFIGMAPS}?watch=1 HTTP/1.1`),
    ]
    await Promise.all(
      pieces.map(
        (piece) =>
          new Promise<void>((resolve) => {
            const socket = connect(Number(port), hostname, () => socket.write(piece, () => socket.destroy()))
            socket.on('close', () => resolve())
          }),
      ),
    )
    assert.equal((await api.post(CONFIGMAPS, configMap('a'))).status, 201)
  })

  it('any bytes as a body are answered with a Status of the client’s fault, or stored', async (t) => {
    const { api } = await edgeOf(t)
    const types = ['json', 'yaml', 'vnd.kubernetes.protobuf']
    const cases = fc.record({
      bytes: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from)),
      type: fc.constantFrom(...types),
      hasMagic: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ bytes, type, hasMagic }) => {
        const magic = hasMagic && type.endsWith('protobuf') ? Buffer.from('k8s\0') : Buffer.alloc(0)
        const body = Buffer.concat([magic, bytes])
        const answer = await fetch(`${api.server.url}${CONFIGMAPS}?dryRun=All`, {
          method: 'POST',
          headers: { 'content-type': `application/${type}` },
          body,
        })
        const { kind, code } = (await answer.json()) as { kind: string; code?: number }
        assert.ok(answer.status < 500, `${answer.status} ${body.toString('hex')}`)
        if (answer.status >= 400) assert.deepEqual([kind, code], ['Status', answer.status])
      }),
      { numRuns: 300 },
    )
  })
})
