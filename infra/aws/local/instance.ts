/**
 * One process of a function and the Lambda Runtime API that it asks: one invocation at a time, killed at its deadline. It
 * neither chooses what to run nor replaces a process that died.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { environmentOf, functionArn } from './environment.ts'

export interface InstanceSettings {
  readonly name: string
  /** The bundle: `index.mjs` in it exports `handler`. */
  readonly folder: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly env: Readonly<Record<string, string>>
  /** Told each line that the process writes. */
  readonly log: (line: string) => void
}

/** How an invocation ended; errors carry the names that Lambda gives them. */
export type Outcome =
  | { readonly type: 'returned'; readonly value: unknown }
  | { readonly type: 'failed'; readonly errorType: string; readonly errorMessage: string }

export interface Instance {
  readonly pid: number | undefined
  /** Resolves with milliseconds from the start of the process to its first question; undefined where it died before. */
  readonly init: Promise<number | undefined>
  /** Resolves once the process is gone. */
  readonly ended: Promise<void>
  /** False from the moment that it is being killed. */
  isAlive(): boolean
  /** Never rejects. One at a time: the caller waits until it has rested. */
  invoke(event: unknown): Promise<Invoked>
  /** Resolves when the process asks for the next invocation, or is gone: it may have more to do than to answer. */
  rested(): Promise<void>
  /** SIGKILL, whatever it is doing. */
  kill(): void
}

export interface Invoked {
  readonly outcome: Outcome
  /** From when the process took the event; 0 where it never did. */
  readonly milliseconds: number
}

/** Lambda gives an init ten seconds. */
const INIT_SECONDS = 10
/** Lambda's limit of a synchronous answer. */
const MOST_BYTES = 6 * 1024 * 1024 + 100

const RUNTIME = new URL('runtime.mjs', import.meta.url)
const reported = z.object({ errorType: z.string(), errorMessage: z.string() })

interface Running {
  readonly id: string
  readonly event: unknown
  readonly done: (invoked: Invoked) => void
  /** When the process took it. */
  takenAt?: number
  timer?: NodeJS.Timeout
}

/** What the two sides share: the invocation to be run, and the question that is open. */
interface Desk {
  readonly settings: InstanceSettings
  running: Running | undefined
  asked: ServerResponse | undefined
  isDoomed: boolean
  initError: Outcome | undefined
  kill(): void
  /** Told when the process asks. */
  readonly onAsk: (() => void)[]
}

/** Starts a process; it initialises on its own. */
export async function startInstance(settings: InstanceSettings): Promise<Instance> {
  const desk: Desk = {
    settings,
    running: undefined,
    asked: undefined,
    isDoomed: false,
    initError: undefined,
    kill() {},
    onAsk: [],
  }
  const server = createServer((request, response) => {
    answer(desk, request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const child = startProcess(settings, server)
  desk.kill = () => {
    desk.isDoomed = true
    child.kill('SIGKILL')
  }
  const ended = end(desk, { child, server })
  const init = initialised(desk, ended)
  return {
    pid: child.pid,
    init,
    ended,
    isAlive: () => !desk.isDoomed,
    invoke: (event) =>
      new Promise((done) => {
        desk.running = { id: randomUUID(), event, done }
        if (desk.isDoomed) void ended.then(() => finish(desk, exited('signal: killed')))
        else deliver(desk)
      }),
    rested: () => (desk.asked !== undefined ? Promise.resolve() : Promise.race([nextAsk(desk), ended])),
    kill: () => desk.kill(),
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

function startProcess(settings: InstanceSettings, server: Server): Child {
  const { port } = server.address() as AddressInfo
  const child = spawn(
    process.execPath,
    // The heap is most of what a function's memory holds.
    [`--max-old-space-size=${settings.memoryMb}`, RUNTIME.pathname],
    {
      cwd: settings.folder,
      env: environmentOf(settings, `127.0.0.1:${port}`),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', settings.log)
  return child
}

/** Whatever ends the process fails what it ran. */
async function end(desk: Desk, { child, server }: { child: Child; server: Server }): Promise<void> {
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('close', (...how) => resolve(how))
    child.once('error', () => resolve([null, 'not started']))
  })
  desk.isDoomed = true
  server.close()
  server.closeAllConnections()
  finish(
    desk,
    desk.initError ?? exited(code === null ? `signal: ${signalText(signal)}` : `exit status ${code}`),
  )
}

const signalText = (signal: string | null): string => (signal === 'SIGKILL' ? 'killed' : String(signal))

const exited = (how: string): Outcome => ({
  type: 'failed',
  errorType: 'Runtime.ExitError',
  errorMessage: `Runtime exited with error: ${how}`,
})

const nextAsk = (desk: Desk): Promise<void> => new Promise((asked) => desk.onAsk.push(asked))

async function initialised(desk: Desk, ended: Promise<void>): Promise<number | undefined> {
  const startedAt = performance.now()
  const timer = setTimeout(() => {
    desk.initError = timedOut(INIT_SECONDS)
    desk.kill()
  }, INIT_SECONDS * 1000)
  const isUp = await Promise.race([nextAsk(desk).then(() => true), ended.then(() => false)])
  clearTimeout(timer)
  return isUp ? performance.now() - startedAt : undefined
}

const timedOut = (seconds: number): Outcome => ({
  type: 'failed',
  errorType: 'Sandbox.Timedout',
  errorMessage: `Task timed out after ${seconds.toFixed(2)} seconds`,
})

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.replace('/2018-06-01/runtime', '') ?? ''
  const [, id, verb] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? []
  if (request.method === 'GET' && path === '/invocation/next') {
    desk.asked = response
    for (const told of desk.onAsk.splice(0)) told()
    return deliver(desk)
  }
  const body = await text(request)
  if (path === '/init/error') desk.initError = failedWith(body)
  else if (id === undefined || id !== desk.running?.id)
    return reply(response, 400, { errorType: 'InvalidRequestID' })
  else finish(desk, verb === 'error' ? failedWith(body) : returned(body))
  reply(response, 202, { status: 'OK' })
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function returned(body: string): Outcome {
  if (Buffer.byteLength(body) <= MOST_BYTES) return { type: 'returned', value: JSON.parse(body) }
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MOST_BYTES} bytes).`
  return { type: 'failed', errorType: 'Function.ResponseSizeTooLarge', errorMessage }
}

const failedWith = (body: string): Outcome => ({ type: 'failed', ...reported.parse(JSON.parse(body)) })

/** Brings event and question together, whichever came first. The deadline counts from here. */
function deliver(desk: Desk): void {
  const { running, asked, settings } = desk
  if (running === undefined || asked === undefined) return
  desk.asked = undefined
  running.takenAt = performance.now()
  running.timer = setTimeout(() => {
    desk.kill()
    finish(desk, timedOut(settings.timeoutSeconds))
  }, settings.timeoutSeconds * 1000)
  asked.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': running.id,
    'lambda-runtime-deadline-ms': String(Date.now() + settings.timeoutSeconds * 1000),
    'lambda-runtime-invoked-function-arn': functionArn(settings.name),
    'lambda-runtime-trace-id': `Root=1-${hex(4)}-${hex(12)};Parent=${hex(8)};Sampled=0`,
  })
  asked.end(JSON.stringify(running.event ?? null))
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

function finish(desk: Desk, outcome: Outcome): void {
  const { running } = desk
  if (running === undefined) return
  desk.running = undefined
  clearTimeout(running.timer)
  running.done({
    outcome,
    milliseconds: running.takenAt === undefined ? 0 : performance.now() - running.takenAt,
  })
}
