/** A server for Workers under test: they post what they send and what happens, and the test waits for it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Happening, Message } from '../../lib/index.ts'

/** By path: `/send` takes messages, or refuses those of some clusters; `/buffered` takes messages; `/turn` counts; the rest is told. */
export async function startSink() {
  const sent: Message[] = []
  const happenings: Happening[] = []
  const refusing = new Set<string>()
  const refused: Message[] = []
  const buffered: Message[] = []
  const turns: string[] = []
  const waiting = new Set<() => void>()
  const take = (messages: Message[]): number => {
    const isRefused = messages.some((message) => refusing.has(message.cluster))
    const place = isRefused ? refused : sent
    place.push(...messages)
    return isRefused ? 500 : 200
  }
  const receive = (url: string | undefined, body: unknown): number => {
    if (url === '/send') return take(body as Message[])
    if (url === '/buffered') buffered.push(...(body as Message[]))
    else if (url === '/turn') turns.push(body as string)
    else happenings.push(body as Happening)
    return 200
  }
  const server = createServer(async (request, response) => {
    response.writeHead(receive(request.url, JSON.parse(await text(request)))).end()
    for (const look of waiting) look()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    buffered,
    happenings,
    turns,
    refusing,
    refused,
    /** Resolves when it is so: now, or after something was heard. */
    until(isSo: () => boolean): Promise<void> {
      return new Promise((resolve) => {
        const look = () => {
          if (!isSo()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
