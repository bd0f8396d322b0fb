/**
 * The embedded API server: a Kubernetes API server in this process, for laptops and tests. It listens on loopback without
 * TLS, keeps everything in memory, and in a database if it is given one, and takes who brings no credentials for its
 * administrator.
 */
import { Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { type Clock, systemClock } from '../clock.ts'
import type { Database } from '../database.ts'
import { createAllocations } from './allocations.ts'
import { aggregateRoles } from './auth/aggregate.ts'
import { presetApiServices } from './apiservices.ts'
import { presetRoles } from './auth/bootstrap.ts'
import { createTokenKeys } from './auth/keys.ts'
import { controllerUser } from './auth/user.ts'
import { followCrds } from './crds.ts'
import { followDependents } from './dependents.ts'
import { createDocuments } from './documents.ts'
import { collectGarbage } from './garbage.ts'
import { createHttpServer } from './http.ts'
import { keepIn } from './keep.ts'
import { builtinTypes } from './kinds/builtin.ts'
import { emptyNamespaces } from './namespace.ts'
import { createRegistry, findKind } from './registry.ts'
import type { JsonObject } from './resource.ts'
import type { FaultHook, FaultHooks } from './faults.ts'
import type { RequestInfo, Server } from './server.ts'
import { compact, findEntry, tableFor, timestamp } from './server.ts'
import type { WorkloadOptions } from './simulation/options.ts'
import { simulateWorkloads } from './simulation/simulate.ts'
import { restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts'
import { announce, createStore, trim } from './store.ts'
import { uidSource } from './uid.ts'
import { createObject } from './write/create.ts'

export type { Fault, FaultHook, FaultHooks, WatchFault, WatchFaultHook, WatchLine } from './faults.ts'
export type { RequestInfo } from './server.ts'
export type { Outcome, WorkloadOptions } from './simulation/options.ts'
export type { Snapshot } from './snapshot.ts'

export interface ApiServerOptions {
  /** 0 (the default) takes a free one. */
  port?: number
  /** All time is its: timestamps, timeouts, bookmarks, delays (default: the machine's). */
  clock?: Clock
  /** Gives numbers in [0, 1), of which uids and generated names are made: a seeded one makes the same again. */
  random?: () => number
  /** How many changes of each kind stay available to watches and paged lists. */
  historySize?: number
  /**
   * Where objects are kept: what was answered is there at the next start, whatever ended this process. It is the server's
   * alone, and stays open when the server closes.
   */
  database?: Database
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
  /**
   * Compacts, as etcd does: lists and continue tokens of versions before this one are answered with 410 from now on. Watches
   * go on from them, since the watch cache still has what followed.
   */
  compact(): void
  /** Forgets all history: watches, too, are answered with 410 from now on when they name a version of until now. */
  expireHistory(): void
  /**
   * Sets what may break requests and watches, in place of what was set before; undefined breaks nothing any more. A function
   * alone is the hook for requests.
   */
  faults(hooks: FaultHook | FaultHooks | undefined): void
  /** The state of now, to be restored later, here or in another server. */
  snapshot(): Snapshot
  /**
   * Makes every object what it was then, with its uid and times. What differs is written as ordinary changes under new
   * revisions: watches see them, resourceVersions only grow, and what did not change keeps its own. Kinds of CRDs come and go
   * at once. Requests and controllers that are under way go on from there; clock and `random` are not turned back.
   */
  restore(snapshot: Snapshot): void
  /** Calls the listener for each request; the returned function stops that. */
  onRequest(listener: (request: RequestInfo) => void): () => void
  /** Ends every open watch, as a server that restarts does. */
  closeWatches(): void
  close(): Promise<void>
}

const DEFAULT_HISTORY = 5_000

/**
 * Starts a server that has the default namespaces and roles, and what its database holds. Rejects when the port is taken,
 * and with a DatabaseError.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  // A client's pattern like `^(a+)+$` would hold the process for ever; Go's regexp, for which it is written, is linear too.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const server = createServer(options)
  const keeping = options.database === undefined ? undefined : keepIn(options.database, server.store)
  followCrds(server)
  const dependents = followDependents(server)
  if (options.controllers !== false) {
    collectGarbage(server, dependents)
    emptyNamespaces(server)
  }
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    await createNamespace(server, name)
  presetRoles(server, options.controllers !== false)
  presetApiServices(server)
  if (options.controllers !== false) aggregateRoles(server)
  const { workloads = false } = options
  if (workloads !== false) await simulateWorkloads(server, dependents, workloads === true ? {} : workloads)
  if (keeping !== undefined) {
    announce(server.store)
    // A watch cache begins with what storage holds when its server starts.
    forget(server)
  }
  const http = createHttpServer(server)
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return {
    url,
    kubeconfig: () => kubeconfigOf(url),
    compact: () => compact(server),
    expireHistory: () => {
      expireHistory(server)
      keeping?.revision()
    },
    faults: (hooks) => {
      server.faults = typeof hooks === 'function' ? { request: hooks } : (hooks ?? {})
    },
    snapshot: () => takeSnapshot(server),
    restore: (snapshot) => restoreSnapshot(server, snapshot),
    onRequest: (listener) => {
      server.listeners.add(listener)
      return () => server.listeners.delete(listener)
    },
    closeWatches: () => {
      for (const end of [...server.watches.keys()]) end()
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.isClosed = true
        for (const end of [...server.watches.keys(), ...server.ends]) end()
        server.agent.destroy()
        http.close((error) => (error === undefined ? resolve() : reject(error)))
        http.closeAllConnections()
        keeping?.end()
      }),
  }
}

function createServer(options: ApiServerOptions): Server {
  const registry = createRegistry(builtinTypes())
  const turns = { addresses: 0, ports: 0 }
  const server: Server = {
    store: createStore(options.historySize ?? DEFAULT_HISTORY),
    registry,
    clock: options.clock ?? systemClock,
    allocations: createAllocations(
      turns,
      (value) => isAllocated(server, value),
      () => timestamp(server),
    ),
    turns,
    newUid: uidSource(options.random),
    random: options.random ?? Math.random,
    definitions: new Map(),
    watches: new Map(),
    listeners: new Set(),
    documents: createDocuments(),
    agent: new Agent({ keepAlive: true }),
    hooks: new WeakMap(),
    keys: createTokenKeys(),
    proofs: new Map(),
    impersonations: new Map(),
    ends: new Set(),
    isClosed: false,
    faults: {},
    requests: 0,
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
    const { clusterIP, healthCheckNodePort, ports } = (object.spec ?? {}) as {
      clusterIP?: string
      healthCheckNodePort?: number
      ports?: JsonObject[]
    }
    const allocated = [clusterIP, healthCheckNodePort, ...(ports ?? []).map((port) => port.nodePort)]
    return allocated.some((one) => one !== undefined && String(one) === value)
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
  server.store.revision++
  forget(server)
}

function forget(server: Server): void {
  compact(server)
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
