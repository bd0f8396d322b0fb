/** Kubernetes Events (core and events.k8s.io) and Leases. */
import type { Source } from '../record/recorder.ts'
const q = encodeURIComponent
const M1 = '2024-03-01T10:00:00.000001Z',
  M2 = '2024-03-01T10:05:00.000002Z'

export const scenarios: readonly Source[] = [
  [
    'core',
    'Events of the core group: defaults, counting, field selectors.',
    async (t) => {
      await t.ns()
      const p = `${t.core}/events`
      const ev = (name: string, more: object = {}) => ({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: 'a',
          namespace: t.N,
          uid: '77777777-7777-4777-8777-777777777777',
        },
        reason: 'Tested',
        message: 'It was tested.',
        type: 'Normal',
        source: { component: 'tester' },
        firstTimestamp: '2024-03-01T10:00:00Z',
        lastTimestamp: '2024-03-01T10:00:00Z',
        count: 1,
        ...more,
      })
      await t.post(p, ev('one'))
      await t.merge(`${p}/one`, { count: 2, lastTimestamp: '2024-03-01T10:05:00Z' })
      await t.post(
        p,
        ev('two', {
          type: 'Warning',
          reason: 'Broke',
          involvedObject: { kind: 'Pod', name: 'b', namespace: t.N, fieldPath: 'spec.containers{c}' },
        }),
      )
      await t.post(p, ev('bad', { involvedObject: { kind: 'Pod', name: 'b', namespace: 'other' } }))
      await t.post(p, ev('bad', { involvedObject: { kind: 'Node', name: 'n' } }))
      await t.post(p, ev('odd', { type: 'Strange' }))
      for (const s of [
        'type=Warning',
        'reason=Tested',
        'involvedObject.name=a',
        'involvedObject.kind=Pod,type!=Normal',
        'involvedObject.uid=77777777-7777-4777-8777-777777777777',
        'involvedObject.fieldPath=spec.containers{c}',
        'source=tester',
        'reportingComponent=tester',
        'message=x',
      ])
        await t.get(`${p}?fieldSelector=${q(s)}`)
      await t.get(`/apis/events.k8s.io/v1/namespaces/${t.N}/events/one`, {
        note: 'The same object through the other group.',
      })
      await t.get(p, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
      await t.post(p, { ...ev('x'), metadata: { generateName: 'gen.' } })
      await t.del(`${p}/one`)
    },
  ],
  [
    'events-k8s-io',
    'Events of events.k8s.io: required fields, series, immutability.',
    async (t) => {
      await t.ns()
      const p = `/apis/events.k8s.io/v1/namespaces/${t.N}/events`
      const ev = (name: string, more: object = {}) => ({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name },
        eventTime: M1,
        reportingController: 'example.com/tester',
        reportingInstance: 'tester-1',
        action: 'Testing',
        reason: 'Tested',
        type: 'Normal',
        note: 'It was tested.',
        regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: t.N },
        ...more,
      })
      const a = await t.post(p, ev('one'))
      await t.post(p, ev('one'))
      await t.merge(`${p}/one`, { series: { count: 2, lastObservedTime: M2 } })
      await t.merge(`${p}/one`, { series: { count: 3, lastObservedTime: M2 } })
      await t.merge(`${p}/one`, { note: 'changed' })
      await t.merge(`${p}/one`, { reason: 'Changed' })
      await t.merge(`${p}/one`, { type: 'Warning', action: 'Other', reportingInstance: 'tester-2' })
      await t.merge(`${p}/one`, { regarding: { name: 'b' } })
      await t.merge(`${p}/one`, { metadata: { labels: { l: '1' } } })
      await t.put(`${p}/one`, {
        ...a.body,
        metadata: { name: 'one' },
        series: { count: 9, lastObservedTime: M2 },
      })
      await t.merge(`${p}/one`, { series: null })
      await t.post(p, ev('bad', { series: { count: 1, lastObservedTime: M2 } }))
      await t.post(p, ev('bad', { series: { count: 2 } }))
      await t.post(p, ev('bad', { reportingController: '', reportingInstance: '', action: '', reason: '' }))
      await t.post(p, ev('bad', { type: 'Strange' }))
      await t.post(p, ev('bad', { eventTime: undefined }))
      await t.post(p, ev('bad', { note: 'n'.repeat(1025) }))
      await t.post(
        p,
        ev('bad', { reason: 'r'.repeat(129), action: 'a'.repeat(129), reportingInstance: 'i'.repeat(129) }),
      )
      await t.post(p, ev('bad', { reportingController: 'not qualified!' }))
      await t.post(p, ev('bad', { deprecatedCount: 3 }))
      await t.post(p, ev('bad', { eventTime: 'yesterday' }))
      await t.get(`${p}?fieldSelector=${q('regarding.name=a')}`)
      await t.get(`${p}?fieldSelector=${q('reason=Tested')}`)
      await t.get(`${p}?fieldSelector=${q('reportingController=example.com/tester')}`)
      await t.get(`${t.core}/events/one`)
      await t.get(p, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    },
  ],
  [
    'lease',
    'A Lease: acquire, renew, lose a race, take over, validation.',
    async (t) => {
      await t.ns()
      const p = `/apis/coordination.k8s.io/v1/namespaces/${t.N}/leases`
      const lease = (name: string, spec?: unknown) => ({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name },
        spec,
      })
      const a = await t.post(
        p,
        lease('l', {
          holderIdentity: 'one',
          leaseDurationSeconds: 15,
          acquireTime: M1,
          renewTime: M1,
          leaseTransitions: 0,
        }),
      )
      const b = await t.put(`${p}/l`, { ...a.body, spec: { ...a.body.spec, renewTime: M2 } })
      await t.put(`${p}/l`, { ...a.body, spec: { ...a.body.spec, holderIdentity: 'two' } })
      await t.put(`${p}/l`, {
        ...b.body,
        spec: { ...b.body.spec, holderIdentity: 'two', leaseTransitions: 1, acquireTime: M2 },
      })
      await t.get(`${p}/l`)
      await t.merge(`${p}/l`, { spec: { holderIdentity: '' } })
      await t.post(p, lease('bad', { leaseDurationSeconds: 0 }))
      await t.post(p, lease('bad', { leaseDurationSeconds: -1, leaseTransitions: -1 }))
      await t.post(p, lease('bad', { renewTime: 'soon' }))
      await t.post(p, lease('secs', { renewTime: '2024-03-01T10:00:00Z' }), {
        note: 'A time in whole seconds is answered in microseconds.',
      })
      await t.post(p, lease('bad', { preferredHolder: 'x' }))
      await t.post(p, lease('empty', undefined))
      await t.apply(`${p}/l`, lease('l', { holderIdentity: 'three' }), { fm: 'three' })
      await t.get(p, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
      await t.del(`${p}/l`)
    },
  ],
]
