/**
 * Credentials on Node: a kubeconfig or a pod's service account in, the configuration of `httpsTransport` out.
 * `@kubernetes/client-node` logs in (token files, exec plugins, client certificates, OIDC); it takes 100 ms to import, so that
 * happens here only, and only when credentials are loaded.
 */
import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import type { Pem } from './agent.ts'
import { type Chosen, chooseContext, type Kubeconfig } from './contexts.ts'
import { execInfo, loginFailure } from './exec.ts'
import type { HttpsConfig } from './https.ts'
import { type Login, openSession } from './session.ts'

export interface CredentialSource {
  /** A file, instead of `KUBECONFIG`, `~/.kube/config` and the service account, which are tried in this order. */
  readonly kubeconfig?: string | undefined
  /** Instead of the file's current one. */
  readonly context?: string | undefined
  /** The service account of the pod that this runs in, and nothing else. */
  readonly inCluster?: boolean | undefined
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Where the service account is mounted. */
  readonly serviceAccount?: string | undefined
  readonly clock?: Clock | undefined
}

/** What `httpsTransport` takes, and what the context says besides. */
export interface Credentials extends HttpsConfig {
  /** The cluster's name in the kubeconfig; `in-cluster` for a service account. */
  readonly cluster: string
  /** Where objects go that name no namespace. */
  readonly namespace: string
}

type ClientNode = typeof import('@kubernetes/client-node')

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Finds credentials and logs in once, so that what is wrong is said now: with the file, the context and the way out.
 * Rotated tokens and certificates are read again every few seconds and after a 401.
 */
export async function loadCredentials(source: CredentialSource | 'in-cluster' = {}): Promise<Credentials> {
  const client = await import('@kubernetes/client-node')
  const asked = source === 'in-cluster' ? { inCluster: true } : source
  const chosen = await choose(client, asked)
  const { cluster } = chosen
  const session = await openSession(
    async () => toLogin(client, await choose(client, asked)),
    asked.clock ?? systemClock,
  )
  return {
    server: cluster.server,
    ca: await authorityOf(chosen),
    serverName: cluster['tls-server-name'],
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
    proxy: cluster['proxy-url'],
    cluster: cluster.name,
    namespace: chosen.namespace,
    headers: session.headers,
    certificate: session.certificate,
  }
}

async function choose(client: ClientNode, source: CredentialSource): Promise<Chosen> {
  const env = source.env ?? process.env
  const mount = source.serviceAccount ?? SERVICE_ACCOUNT
  if (source.inCluster) return serviceAccount(env, mount)
  if (source.kubeconfig !== undefined) {
    const file = await load(client, source.kubeconfig)
    if (file === undefined) throw new Error(`kubeconfig ${source.kubeconfig}: no such file`)
    return chooseContext([file], source.context)
  }
  const home = join(env.HOME ?? homedir(), '.kube', 'config')
  const paths = env.KUBECONFIG ? env.KUBECONFIG.split(delimiter).filter(Boolean) : [home]
  // Absent files in the list are skipped, as kubectl does.
  const files = (await Promise.all(paths.map((path) => load(client, path)))).filter(
    (file) => file !== undefined,
  )
  if (files.length > 0) return chooseContext(files, source.context)
  if (env.KUBERNETES_SERVICE_HOST && source.context === undefined) return serviceAccount(env, mount)
  throw new Error(
    `No cluster to talk to: no kubeconfig at ${paths.join(', ')}, and this is no pod. Name one with KUBECONFIG`,
  )
}

async function load(client: ClientNode, path: string): Promise<Kubeconfig | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return undefined
    throw new Error(`kubeconfig ${path}: ${codeOf(error)}`, { cause: error })
  })
  if (text === undefined) return undefined
  try {
    return { path, document: client.loadYaml<unknown>(text) }
  } catch {
    // The parser's message quotes the file, credentials and all: it is not passed on.
    throw new Error(`kubeconfig ${path}: not YAML`)
  }
}

async function serviceAccount(
  env: Readonly<Record<string, string | undefined>>,
  mount: string,
): Promise<Chosen> {
  const host = env.KUBERNETES_SERVICE_HOST
  if (!host) throw new Error('Not in a pod: KUBERNETES_SERVICE_HOST is not set')
  const namespace = await readFile(join(mount, 'namespace'), 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return 'default'
    throw error
  })
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? 443}`
  const name = 'in-cluster'
  const document = {
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority': join(mount, 'ca.crt') } }],
    users: [{ name, user: { tokenFile: join(mount, 'token') } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: namespace.trim() } }],
  }
  return { ...chooseContext([{ path: mount, document }]), origin: `service account ${mount}` }
}

async function authorityOf({ origin, cluster }: Chosen): Promise<Pem | undefined> {
  const data = cluster['certificate-authority-data']
  const file = cluster['certificate-authority']
  if (data === undefined && file === undefined) return undefined
  const where = `${origin}: cluster "${cluster.name}": certificate-authority${data === undefined ? ` ${file}` : '-data'}`
  const pem =
    file === undefined
      ? Buffer.from(data ?? '', 'base64').toString()
      : await readFile(file, 'utf8').catch((error: unknown) => {
          throw new Error(`${where}: ${codeOf(error)}`, { cause: error })
        })
  if (!pem.includes('BEGIN CERTIFICATE')) throw new Error(`${where}: no PEM certificate`)
  return pem
}

/** A login by client-node. It sees the user only: it refuses plain http and drops `tokenFile`, so both stay on our side. */
function toLogin(client: ClientNode, chosen: Chosen): Login {
  const config = new client.KubeConfig()
  const { name, tokenFile, exec, ...user } = chosen.user
  const document = {
    'current-context': name,
    clusters: [{ name, cluster: { server: 'https://localhost' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [
      {
        name,
        user: {
          ...user,
          ...(exec ? { exec: { ...exec, env: [...(exec.env ?? []), execInfo(exec, chosen.cluster)] } } : {}),
          ...(tokenFile === undefined
            ? {}
            : { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }),
        },
      },
    ],
  }
  if (name !== '') config.loadFromString(JSON.stringify(document))
  return async () => {
    const options: RequestOptions = {}
    try {
      if (name !== '') await config.applyToHTTPSOptions(options)
    } catch (error) {
      throw loginFailure(error, chosen)
    }
    return toIdentity(options, chosen)
  }
}

function toIdentity(options: RequestOptions, { origin, user }: Chosen) {
  const headers: Record<string, string> = {}
  // Token files end in a newline, which is no part of a header.
  for (const [header, value] of Object.entries(options.headers ?? {}))
    headers[header.toLowerCase()] = String(value).trim()
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  const { cert, key } = options
  if (!isPem(cert) && !isPem(key)) return { headers, certificate: undefined }
  if (isPem(cert) && isPem(key)) return { headers, certificate: { cert, key } }
  throw new Error(
    `${origin}: user "${user.name}": client certificate and client key belong together; one is missing`,
  )
}

const isPem = (value: unknown): value is Pem => typeof value === 'string' || Buffer.isBuffer(value)

const isAbsent = (error: unknown): boolean => codeOf(error) === 'ENOENT'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
