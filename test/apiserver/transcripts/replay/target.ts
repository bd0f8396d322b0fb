/** The connection options that `npm run replay` and `npm run record` share: a kubeconfig, or an address with credentials. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { refuse } from '../../../../functions/program.ts'
import { loadCredentials } from '../../../../lib/kube/kubeconfig.ts'
import { type Connection, connectTo, type Target } from './connect.ts'

export const TARGET_OPTIONS = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  server: { type: 'string' },
  token: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  insecure: { type: 'boolean' },
} as const

export const TARGET_HELP = `Which server (its user must be in system:masters; scenarios make namespaces and CRDs there)
  --kubeconfig FILE  kubeconfig of the server (default: KUBECONFIG)
  --context NAME     context to use from it
  --server URL       instead of a kubeconfig: its address, with
    --token T          a bearer token
    --ca FILE          who vouches for it
    --cert F --key F   a client certificate
  --insecure         its certificate is not looked at`

type Values = Partial<Record<Exclude<keyof typeof TARGET_OPTIONS, 'insecure'>, string>> & {
  readonly insecure?: boolean
}

/** Logs in. Ends the process with 2 where the options name no server, and throws where the kubeconfig is no good. */
export async function connectBy(values: Values, help: string): Promise<Connection> {
  const { server, insecure = false } = values
  const target = server === undefined ? await fromKubeconfig(values, help) : fromOptions(server, values)
  return connectTo(insecure ? { ...target, ca: undefined, insecureSkipTlsVerify: true } : target)
}

async function fromKubeconfig({ kubeconfig, context }: Values, help: string): Promise<Target> {
  // What replays make and delete must never be made in whatever cluster ~/.kube/config happens to name.
  const file = kubeconfig ?? process.env.KUBECONFIG
  if (!file) refuse(`give --kubeconfig FILE or --server URL\n\n${help}`)
  const { certificate, ...credentials } = await loadCredentials({ kubeconfig: file, context })
  return { ...credentials, certificate: certificate?.() }
}

function fromOptions(server: string, { token, ca, cert, key }: Values): Target {
  const certificate =
    cert === undefined || key === undefined ? undefined : { cert: read(cert), key: read(key) }
  return {
    server,
    ca: ca === undefined ? undefined : read(ca),
    certificate,
    headers: token === undefined ? undefined : () => ({ authorization: `Bearer ${token}` }),
  }
}

const read = (file: string): string => readFileSync(file, 'utf8')

const COMPACT_MS = 60_000

/** Runs a shell command that makes the server forget all older versions; rejects with what it said where it fails. */
export const compactBy = (command: string) => async (): Promise<void> => {
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: COMPACT_MS,
  })
  const [said, [code]] = await Promise.all([textOf(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`--compact failed: ${said.trim() || `exit status ${code}`}`)
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
