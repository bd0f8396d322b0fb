/**
 * What the whole path does, whatever it runs on: an object is created, a watch line becomes a message, the message a delivery,
 * the delivery a reconcile, and the API server holds the children, the status and the Kubernetes Events.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMap, Deployment, Event, type Happening, isConflict, type Kube, Service } from '../lib/index.ts'
import { MyApp } from '../functions/operators/myapp.ts'

/** The operator of `functions/operator.ts`, running somewhere. */
interface RunningPath extends AsyncDisposable {
  readonly api: Kube
  /** Resolves with the first happening, past or coming, that `matches`. */
  seen(matches: (happening: Happening) => boolean): Promise<Happening>
}

const key = { namespace: 'default', name: 'web' }

const app = (spec: object = { image: 'nginx:1.27', replicas: 2 }) => ({
  apiVersion: 'apps.fairlead.dev/v1',
  kind: 'MyApp',
  metadata: key,
  spec,
})

/** The scenario; each test has a path of its own. */
export function pathScenario(name: string, startPath: () => Promise<RunningPath>): void {
  describe(name, () => {
    it('carries an object from creation to children, status and Events (R1, R2, R25)', async () => {
      await using path = await startPath()
      const { api } = path
      const created = await api.create(MyApp, app())
      await path.seen((happening) => happening.type === 'event')

      const deployment = await api.get(Deployment, key)
      assert.equal(deployment?.spec?.replicas, 2)
      assert.equal(deployment?.spec?.template.spec?.containers[0]?.image, 'nginx:1.27')
      assert.equal((await api.get(Service, key))?.spec?.ports?.[0]?.port, 80)
      assert.equal((await api.get(ConfigMap, key))?.data?.APP_IMAGE, 'nginx:1.27')
      assert.deepEqual(deployment?.metadata.ownerReferences, [
        {
          apiVersion: 'apps.fairlead.dev/v1',
          kind: 'MyApp',
          name: 'web',
          uid: created.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ])

      const live = await api.get(MyApp, key)
      assert.equal(live?.status?.observedGeneration, 1)
      assert.equal(live?.status?.readyReplicas, 0)
      assert.equal(live?.status?.conditions?.find(({ type }) => type === 'Reconciled')?.status, 'True')
      assert.deepEqual(live?.metadata.finalizers, ['apps.fairlead.dev/myapp'])

      const events = await api.list(Event, { namespace: 'default' })
      const mine = events.items.filter(({ regarding }) => regarding?.uid === created.metadata.uid)
      assert.deepEqual(
        mine.map(({ reason, note }) => [reason, note]),
        [['Applied', 'created ConfigMap web, Service web, Deployment web']],
      )
    })

    it('carries a change to the children and leaves the rest alone', async () => {
      await using path = await startPath()
      const { api } = path
      await api.create(MyApp, app())
      await path.seen((happening) => happening.type === 'event')
      const before = await api.get(Service, key)
      await api.patch(MyApp, key, { type: 'merge', body: { spec: { replicas: 5 } } })
      await path.seen((happening) => happening.type === 'applied' && happening.action === 'changed')
      assert.equal((await api.get(Deployment, key))?.spec?.replicas, 5)
      assert.equal((await api.get(Service, key))?.metadata.resourceVersion, before?.metadata.resourceVersion)
    })

    it('takes the application down before the object goes (R12)', async () => {
      await using path = await startPath()
      const { api } = path
      await api.create(MyApp, app())
      await path.seen((happening) => happening.type === 'event')
      await api.delete(MyApp, key)
      await path.seen((happening) => happening.type === 'applied' && happening.action === 'finalizer')
      assert.equal(await api.get(MyApp, key), undefined)
      assert.equal(await api.get(Deployment, key), undefined)
      assert.equal(await api.get(Service, key), undefined)
      assert.equal(await api.get(ConfigMap, key), undefined)
    })

    it('refuses an invalid object with the field (R16)', async () => {
      await using path = await startPath()
      const refused = await path.api.create(MyApp, app({ image: '', replicas: 99 })).catch((error) => error)
      assert.equal(refused.code, 422)
      assert.equal(isConflict(refused), false)
      const fields = refused.details.causes.map(({ field }: { field: string }) => field).sort()
      assert.deepEqual(fields, ['spec.image', 'spec.replicas'])
    })
  })
}
