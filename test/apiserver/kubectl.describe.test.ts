import { CONFIGMAPS } from './client.ts'
import { describeKubectl, itSays } from './kubectl.ts'

describeKubectl('R23: kubectl describes', (binary) => {
  itSays(binary, 'descriptions of pods, deployments, services and the rest', async ({ says, run, minor }) => {
    await says('describe pod nope', 'Error from server (NotFound): pods "nope" not found')
    await run('create deployment web --image=nginx:1 --replicas=2 --port=80')
    await says(
      'describe deployment web',
      /^Name: web\nNamespace: default\nCreationTimestamp: DATE\nLabels: app=web\nAnnotations: <none>\nSelector: app=web\nReplicas: 2 desired \| 0 updated \| 0 total \| 0 available \| 0 unavailable\nStrategyType: RollingUpdate\n/,
    )
    await run('run p --image=nginx --labels=a=b --env=X=Y --port=80')
    await says(
      'describe pod p',
      /^Name: p\nNamespace: default\nPriority: 0\n[\s\S]*Status: Pending\n[\s\S]*Containers:\n p:\n[\s\S]* Environment:\n X: Y\n[\s\S]*QoS Class: BestEffort\n[\s\S]*Events: <none>$/,
    )
    await run('expose deployment web --port=80')
    await says(
      'describe service web',
      /^Name: web\nNamespace: default\nLabels: app=web\nAnnotations: <none>\nSelector: app=web\nType: ClusterIP\n[\s\S]*Port: <unset> 80\/TCP\n[\s\S]*Session Affinity: None\n/,
    )
    await run('create configmap c --from-literal=k=v')
    await says(
      'describe configmap c',
      /^Name: c\nNamespace: default\nLabels: <none>\nAnnotations: <none>\n\nData\n====\nk:\n----\nv\n/,
    )
    await run('create secret generic s --from-literal=k=v')
    await says(
      'describe secret s',
      'Name: s\nNamespace: default\nLabels: <none>\nAnnotations: <none>\n\nType: Opaque\n\nData\n====\nk: 1 bytes',
    )
    await run('create role r --verb=get --resource=pods')
    await says(
      'describe role r',
      /PolicyRule:\n Resources Non-Resource URLs Resource Names Verbs\n [- ]+\n pods \[\] \[\] \[get\]$/,
    )
    await run('create quota q --hard=pods=2')
    await says('describe quota q', /^Name: q\nNamespace: default\n/)
    await says(
      'describe namespace default',
      /^Name: default\nLabels: kubernetes.io\/metadata.name=default\nAnnotations: <none>\nStatus: Active\n[\s\S]*Resource Quotas\n Name: q\n/,
    )
    await run('create job j --image=i -- sleep 1')
    await says(
      'describe job j',
      /^Name: j\nNamespace: default\nSelector: (batch\.kubernetes\.io\/)?controller-uid=UID\n[\s\S]*Parallelism: 1\nCompletions: 1\n/,
    )
    if (minor < 21) return // It asks for batch/v1beta1, which is gone.
    await run("create cronjob cj --image=i --schedule='*/5 * * * *'")
    await says(
      'describe cronjob cj',
      /\nSchedule: \*\/5 \* \* \* \*\nConcurrency Policy: Allow\nSuspend: False\n/,
    )
  })

  itSays(
    binary,
    'events of an object, in lists and in its description',
    async ({ says, file, run, minor, api }) => {
      await run('create configmap c')
      const { body } = await api.get(`${CONFIGMAPS}/c`)
      const event = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e' },
        involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'c', uid: body.metadata.uid },
        reason: 'Tested',
        message: 'it works',
        type: 'Warning',
        count: 3,
        source: { component: 'test' },
        firstTimestamp: '2020-01-01T00:00:00Z',
        lastTimestamp: '2020-01-01T00:00:00Z',
      }
      await says(`create -f ${file(event)}`, 'event/e created')
      await says(
        'get events',
        /^LAST SEEN TYPE REASON OBJECT MESSAGE\n\w+ Warning Tested configmap\/c it works$/,
      )
      await says(
        'get events -o wide',
        /^LAST SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST SEEN COUNT NAME\n\w+ Warning Tested configmap\/c test it works \w+ 3 e$/,
      )
      await says('get events --field-selector type=Warning,involvedObject.name=c -o name', 'event/e')
      await says(
        'describe configmap c',
        /Events:\n Type Reason Age From Message\n ---- ------ ---- ---- -------\n Warning Tested .*test it works$/,
      )
      if (minor < 26) return
      await says('events', /^LAST SEEN TYPE REASON OBJECT MESSAGE\n.*Warning Tested ConfigMap\/c it works$/)
      await says('events --for configmap/c --types=Normal', 'No events found in default namespace.')
    },
  )
})
