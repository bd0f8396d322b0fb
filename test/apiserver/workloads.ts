/** Workloads for tests of their simulation: a server with a fake clock, small objects, and what is to be seen of them. */
import type { TestContext } from 'node:test'
import type { WorkloadOptions } from '../../lib/apiserver/index.ts'
import { fakeClock } from '../fake-clock.ts'
import { type Api, type Body, startServer } from './client.ts'

export const APPS = '/apis/apps/v1/namespaces/default'
export const PODS = '/api/v1/namespaces/default/pods'
export const DEPLOYMENTS = `${APPS}/deployments`
export const REPLICA_SETS = `${APPS}/replicasets`

/** Pods are ready after five seconds, unless told otherwise. */
export async function startCluster(t: TestContext, workloads: WorkloadOptions = {}) {
  const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'))
  const api = await startServer(t, { clock, workloads: { readyAfterSeconds: 5, ...workloads } })
  return { clock, api, passSeconds: (seconds: number) => clock.advance(seconds * 1000) }
}

/** A pod template; `annotations` may tell how its pods turn out. */
export const template = (app: string, image = 'i:1', annotations?: Record<string, string>) => ({
  metadata: { labels: { app }, ...(annotations === undefined ? {} : { annotations }) },
  spec: { containers: [{ name: 'c', image }] },
})

export const deployment = (name: string, replicas: number, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
})

/** A patch that sets another image. */
export const image = (text: string) => ({
  spec: { template: { spec: { containers: [{ name: 'c', image: text }] } } },
})

interface Condition {
  type: string
  status: string
  reason: string
  message: string
}

export const conditionOf = (object: Body, type: string): Condition | undefined =>
  ((object.status.conditions ?? []) as Condition[]).find((one) => one.type === type)

/** A condition in a few words: `True NewReplicaSetAvailable`. */
export const told = (object: Body, type: string): string | undefined => {
  const condition = conditionOf(object, type)
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}`
}

/** Some numbers of a status; 0 for absent ones. */
export const counts = (object: Body, ...names: string[]): number[] =>
  names.map((name) => Number(object.status[name] ?? 0))

export const list = async (api: Api, path: string): Promise<Body[]> => (await api.get(path)).body.items

export const names = async (api: Api, path: string): Promise<string[]> =>
  (await list(api, path)).map(({ metadata }) => metadata.name)

/** Of each ReplicaSet its revision and size, the earliest revision first. */
export async function revisions(api: Api): Promise<[string, number][]> {
  const sets = await list(api, REPLICA_SETS)
  return sets
    .map(({ metadata, spec }): [string, number] => [
      String((metadata.annotations as Record<string, string>)['deployment.kubernetes.io/revision']),
      Number(spec.replicas),
    ])
    .sort(([one], [other]) => Number(one) - Number(other))
}
