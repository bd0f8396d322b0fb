/**
 * The embedded API server: a Kubernetes API server in this process, for laptops and tests. It listens on loopback without
 * TLS, keeps everything in memory and takes who brings no credentials for its administrator.
 */
import { randomUUID } from 'node:crypto'
import { Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { type Clock, systemClock } from '../clock.ts'
import { createAllocations } from './allocations.ts'
import { aggregateRoles } from './auth/aggregate.ts'
import { presetRoles } from './auth/bootstrap.ts'
import { createTokenKeys } from './auth/keys.ts'
import { controllerUser } from './auth/user.ts'
import { followCrds } from './crds.ts'
import { followDependents } from './dependents.ts'
import { collectGarbage } from './garbage.ts'
import { createHttpServer } from './http.ts'
import { builtinTypes } from './kinds/builtin.ts'
import { emptyNamespaces } from './namespace.ts'
import { createRegistry, findKind } from './registry.ts'
import type { JsonObject } from './resource.ts'
import type { FaultHook, RequestInfo, Server } from './server.ts'
import { findEntry, tableFor, timestamp } from './server.ts'
import type { WorkloadOptions } from './simulation/options.ts'
import { simulateWorkloads } from './simulation/simulate.ts'
import { createStore, trim } from './store.ts'
import { createObject } from './write/create.ts'

export type { Fault, FaultHook, RequestInfo } from './server.ts'
export type { Outcome, WorkloadOptions } from './simulation/options.ts'

export interface ApiServerOptions {
  /** 0 (the default) takes a free one. */
  port?: number
  clock?: Clock
  /** How many changes of each kind stay available to watches and paged lists. */
  historySize?: number
  /** False leaves out garbage collection, the emptying of namespaces and aggregated roles, as a bare kube-apiserver does. */
  controllers?: boolean
  /**
   * Runs Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and pods without nodes, by the server's clock. Without it
   * nothing writes their status.
   */
  workloads?: boolean | WorkloadOptions
}

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** A kubeconfig (v1 Config) as plain data. */
  kubeconfig(): object
  /** Forgets all history: older resourceVersions and continue tokens are answered with 410 from now on. */
  expireHistory(): void
  /** Sets, or with undefined removes, the hook that may break requests. */
  faults(hook: FaultHook | undefined): void
  /** Calls the listener for each request; the returned function stops that. */
  onRequest(listener: (request: RequestInfo) => void): () => void
  /** Ends every open watch, as a server that restarts does. */
  closeWatches(): void
  close(): Promise<void>
}

const DEFAULT_HISTORY = 5_000

/** Starts a server that has the default namespaces and roles and nothing else. Rejects when the port is taken. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  // A client's pattern like `^(a+)+$` would hold the process for ever; Go's regexp, for which it is written, is linear too.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const server = createServer(options)
  followCrds(server)
  const dependents = followDependents(server)
  if (options.controllers !== false) {
    collectGarbage(server, dependents)
    emptyNamespaces(server)
  }
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    await createNamespace(server, name)
  presetRoles(server, options.controllers !== false)
  if (options.controllers !== false) aggregateRoles(server)
  const { workloads = false } = options
  if (workloads !== false) await simulateWorkloads(server, dependents, workloads === true ? {} : workloads)
  const http = createHttpServer(server)
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return {
    url,
    kubeconfig: () => kubeconfigOf(url),
    expireHistory: () => expireHistory(server),
    faults: (hook) => {
      server.fault = hook
    },
    onRequest: (listener) => {
      server.listeners.add(listener)
      return () => server.listeners.delete(listener)
    },
    closeWatches: () => {
      for (const end of [...server.watches]) end()
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.isClosed = true
        for (const end of [...server.watches, ...server.ends]) end()
        server.agent.destroy()
        http.close((error) => (error === undefined ? resolve() : reject(error)))
        http.closeAllConnections()
      }),
  }
}

function createServer(options: ApiServerOptions): Server {
  const registry = createRegistry(builtinTypes())
  const server: Server = {
    store: createStore(options.historySize ?? DEFAULT_HISTORY),
    registry,
    clock: options.clock ?? systemClock,
    allocations: createAllocations(
      (value) => isAllocated(server, value),
      () => timestamp(server),
    ),
    newUid: () => randomUUID(),
    watches: new Set(),
    listeners: new Set(),
    documents: new Map(),
    agent: new Agent({ keepAlive: true }),
    hooks: new WeakMap(),
    keys: createTokenKeys(),
    proofs: new Map(),
    impersonations: new Map(),
    ends: new Set(),
    isClosed: false,
    fault: undefined,
    compacted: 0,
  }
  for (const versions of registry.versions.values())
    for (const type of versions.values()) if (type.isVirtual !== true) tableFor(server, type)
  return server
}

function isAllocated(server: Server, value: string): boolean {
  const services = findKind(server.registry, 'v1', 'Service')
  if (services === undefined) return false
  return tableFor(server, services).entries.some(({ object }) => {
    const { clusterIP, ports } = (object.spec ?? {}) as { clusterIP?: string; ports?: JsonObject[] }
    return clusterIP === value || (ports ?? []).some((port) => String(port.nodePort) === value)
  })
}

async function createNamespace(server: Server, name: string): Promise<void> {
  const type = findKind(server.registry, 'v1', 'Namespace')
  if (type === undefined || findEntry(server, type, '', name) !== undefined) return
  await createObject(
    server,
    { type, namespace: '' },
    { kind: 'Namespace', apiVersion: 'v1', metadata: { name } },
    {
      manager: 'kube-apiserver',
      now: timestamp(server),
      asking: {
        user: controllerUser('namespace-controller'),
        options: {},
        dryRun: false,
        deadline: Number.POSITIVE_INFINITY,
        warn: () => {},
      },
      options: { dryRun: false, fieldManager: '', force: false, fieldValidation: 'Ignore' },
    },
  )
}

function expireHistory(server: Server): void {
  // Nothing newer than this revision was ever handed out, so whatever was is older now.
  server.compacted = ++server.store.revision
  for (const table of server.store.tables.values()) {
    trim(table, table.log.length)
    table.floor = server.store.revision
  }
}

const kubeconfigOf = (server: string): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  // Without the flag @kubernetes/client-node refuses plain http, on loopback too.
  clusters: [{ name: 'fairlead', cluster: { server, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'fairlead', user: {} }],
  contexts: [{ name: 'fairlead', context: { cluster: 'fairlead', user: 'fairlead', namespace: 'default' } }],
  'current-context': 'fairlead',
})
