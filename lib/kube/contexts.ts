/**
 * Kubeconfig files as people write them: unknown documents in, the cluster and user of one context out, with paths made
 * absolute and kubectl's rules of precedence applied. What is wrong is said with file, name and the way out. Values are
 * never quoted, because they may be credentials.
 */
import { dirname, isAbsolute, join } from 'node:path'
import * as z from 'zod'

const Text = z.string().min(1)
const Flag = z.boolean().nullish()
const Optional = z
  .string()
  .nullish()
  .transform((text) => text || undefined)

const Cluster = z.object({
  server: Text,
  'certificate-authority': Optional,
  'certificate-authority-data': Optional,
  'insecure-skip-tls-verify': Flag,
  'tls-server-name': Optional,
  'proxy-url': Optional,
})

const Exec = z.looseObject({
  apiVersion: Optional,
  command: Text,
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: Text, value: z.string() })).nullish(),
  installHint: Optional,
  provideClusterInfo: Flag,
})

const User = z.looseObject({
  token: Optional,
  tokenFile: Optional,
  'client-certificate': Optional,
  'client-certificate-data': Optional,
  'client-key': Optional,
  'client-key-data': Optional,
  exec: Exec.nullish(),
  'auth-provider': z.looseObject({ name: Text }).nullish(),
})

const Context = z.object({ cluster: Text, user: Optional, namespace: Optional })

const List = z
  .array(z.looseObject({ name: Text }))
  .nullish()
  .transform((entries) => entries ?? [])

const Document = z.object({ 'current-context': Optional, clusters: List, users: List, contexts: List })

export type KubeconfigCluster = z.output<typeof Cluster>
export type KubeconfigUser = z.output<typeof User>

/** A parsed file. `path` is what messages call it, and what its relative paths are relative to. */
export interface Kubeconfig {
  readonly path: string
  readonly document: unknown
}

/** What one context stands for. */
export interface Chosen {
  /** The files, for messages. */
  readonly origin: string
  readonly context: string
  readonly namespace: string
  readonly cluster: KubeconfigCluster & { readonly name: string }
  readonly user: KubeconfigUser & { readonly name: string }
}

/**
 * The context called `context`, or else the current one. Of several files the first that has a name wins, as in kubectl.
 * Throws an Error that names the file, the entry and what there is instead.
 */
export function chooseContext(files: readonly Kubeconfig[], context?: string): Chosen {
  const origin = `kubeconfig ${files.map((file) => file.path).join(', ')}`
  const documents = files.map((file) => ({
    path: file.path,
    ...check(Document, file.document, `kubeconfig ${file.path}`),
  }))
  const contexts = documents.flatMap((document) => entriesOf(document, 'contexts', 'context'))
  const clusters = documents.flatMap((document) => entriesOf(document, 'clusters', 'cluster'))
  const users = documents.flatMap((document) => entriesOf(document, 'users', 'user'))
  const name = context ?? documents.map((document) => document['current-context']).find(Boolean)
  if (name === undefined) throw new Error(`${origin}: no current-context; name one of ${namesOf(contexts)}`)

  const wanted = check(Context, find(contexts, 'context', name, origin).value, `${origin}: context "${name}"`)
  const cluster = find(clusters, 'cluster', wanted.cluster, `${origin}: context "${name}"`)
  const user =
    wanted.user === undefined ? undefined : find(users, 'user', wanted.user, `${origin}: context "${name}"`)
  return {
    origin,
    context: name,
    namespace: wanted.namespace ?? 'default',
    cluster: { ...toCluster(cluster), name: cluster.name },
    user: { ...toUser(user), name: user?.name ?? '' },
  }
}

interface Entry {
  readonly path: string
  readonly name: string
  readonly value: unknown
}

function entriesOf(
  document: { readonly path: string } & z.output<typeof Document>,
  list: 'contexts' | 'clusters' | 'users',
  field: string,
): Entry[] {
  return document[list].map((entry) => ({ path: document.path, name: entry.name, value: entry[field] }))
}

function find(entries: readonly Entry[], what: string, name: string, where: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name)
  if (entry === undefined)
    throw new Error(`${where}: ${what} "${name}" not found; ${what}s are ${namesOf(entries)}`)
  return entry
}

const namesOf = (entries: readonly Entry[]): string =>
  entries.length === 0 ? '(none)' : entries.map((entry) => entry.name).join(', ')

function toCluster({ path, name, value }: Entry): KubeconfigCluster {
  const cluster = check(Cluster, value, `kubeconfig ${path}: cluster "${name}"`)
  return {
    ...cluster,
    // Data wins over a file, here and below, as in kubectl (`clientcmd` calls it "override").
    'certificate-authority': cluster['certificate-authority-data']
      ? undefined
      : absolute(path, cluster['certificate-authority']),
  }
}

function toUser(entry: Entry | undefined): KubeconfigUser {
  if (entry === undefined) return check(User, {}, '')
  const { path, name, value } = entry
  const where = `kubeconfig ${path}: user "${name}"`
  const user = check(User, value ?? {}, where)
  const lost = ['as-uid', 'as-groups', 'as-user-extra'].find((field) => user[field] !== undefined)
  if (lost !== undefined)
    throw new Error(`${where}: ${lost} is not supported; impersonation is by "as" alone`)
  const { exec } = user
  return {
    ...user,
    token: user.tokenFile === undefined ? user.token : undefined,
    tokenFile: absolute(path, user.tokenFile),
    'client-certificate': user['client-certificate-data']
      ? undefined
      : absolute(path, user['client-certificate']),
    'client-key': user['client-key-data'] ? undefined : absolute(path, user['client-key']),
    // A bare command is looked up in PATH; one with a slash is relative to the file.
    exec: exec?.command.includes('/') ? { ...exec, command: absolute(path, exec.command) } : exec,
  }
}

function absolute<T extends string | undefined>(path: string, file: T): T | string {
  return file === undefined || isAbsolute(file) ? file : join(dirname(path), file)
}

function check<T extends z.ZodType>(type: T, value: unknown, where: string): z.output<T> {
  const result = type.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new Error(`${where}: ${issue?.path.join('.') || 'document'}: ${issue?.message}`)
}
