/** Where a torture takes place: an API server that outlives the processes, a namespace, a folder for journal and state. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { ConfigMap, installCrds, type Kube, Namespace, systemClock } from '../../lib/index.ts'
import { httpsTransport } from '../../lib/kube/https.ts'
import { loadCredentials } from '../../lib/kube/kubeconfig.ts'
import { connect } from '../../lib/kube/rest.ts'
import { scratchFolder } from '../scratch.ts'
import { journalIn } from './journal.ts'
import { type Entry, Probe, tortureOperator } from './operator.ts'
import type { Place } from './people.ts'

export interface Stage extends Place, AsyncDisposable {
  /** The file that names the API server. */
  readonly kubeconfig: string
  /** The embedded API server's; empty where a cluster was given. */
  readonly serverUrl: string
  /** The journal's file. */
  readonly journal: string
  /** For all else that a torture keeps. */
  readonly folder: string
}

/** A garbage collector learns of a new kind within half a minute. */
const COLLECTION_MS = 90_000

/** Opens a stage on a cluster, or on an embedded API server of its own. What it made is gone when it is disposed of. */
export async function openStage(given: string | undefined, seed: number): Promise<Stage> {
  const folder = scratchFolder()
  const journal = join(folder, 'journal')
  writeFileSync(journal, '')
  const server = given === undefined ? await startApiServer() : undefined
  const kubeconfig = given ?? join(folder, 'kubeconfig')
  if (server) writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig()))
  const transport = httpsTransport(await loadCredentials({ kubeconfig }))
  const api = connect(transport)
  await installCrds(api, tortureOperator(journalIn(journal)), { clock: systemClock })
  const namespace = `torture-${seed}`
  await api.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await untilCollected({ api, namespace })
  return {
    api,
    namespace,
    kubeconfig,
    serverUrl: server?.url ?? '',
    journal,
    folder,
    async [Symbol.asyncDispose]() {
      await api.delete(Namespace, { name: namespace })
      transport.close()
      await server?.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Everything that was done so far. */
export const readJournal = ({ journal }: Pick<Stage, 'journal'>): Entry[] =>
  readFileSync(journal, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry)

/** Waits until what an object of ours owned goes with it: a cluster without that would keep namesakes' children for ever. */
async function untilCollected({ api, namespace }: { api: Kube; namespace: string }): Promise<void> {
  const end = Date.now() + COLLECTION_MS
  const key = { namespace, name: 'collected' }
  const spec = { round: 0, pages: [] }
  const owner = { apiVersion: 'torture.fairlead.dev/v1', kind: 'Probe', metadata: key, spec }
  const { metadata } = await api.create(Probe, owner)
  const ownerReferences = [{ apiVersion: owner.apiVersion, kind: 'Probe', name: key.name, uid: metadata.uid }]
  await api.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, ownerReferences } })
  await api.delete(Probe, key)
  while ((await api.get(ConfigMap, key)) !== undefined) {
    if (Date.now() > end) throw new Error(`the cluster collects no garbage in ${COLLECTION_MS / 1000} s`)
    await wait(100)
  }
}
