import assert from 'node:assert/strict'
import { configMap } from './client.ts'
import { asked, describeKubectl, itSays } from './kubectl.ts'

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', labels: { 'node-role.kubernetes.io/worker': '' } },
}

/** A status as the controller of Deployments writes it. */
const done = (replicas: number, generation: number): string =>
  JSON.stringify({
    status: {
      observedGeneration: generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [
        { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      ],
    },
  })

describeKubectl('R23: kubectl waits, watches and looks after', (binary) => {
  itSays(binary, 'waits for conditions, values and the end', async ({ says, run, follow, api, minor }) => {
    await run('create deployment web --image=i --replicas=2')
    await says(
      'wait deployment web --for=condition=Available --timeout=1s',
      'error: timed out waiting for the condition on deployments/web',
    )
    if (minor < 24) return
    const began = asked(api, 'watch deployments')
    const waiting = follow('wait deployment web --for=condition=Available --timeout=20s')
    await began
    await run(`patch deployment web --subresource=status --type=merge -p '${done(2, 1)}'`)
    assert.equal(await waiting.next(), 'deployment.apps/web condition met')
    await says(
      "wait deployment web --for=jsonpath='{.status.readyReplicas}'=2 --timeout=5s",
      'deployment.apps/web condition met',
    )
    const stays = asked(api, 'watch deployments')
    const gone = follow('wait deployment web --for=delete --timeout=20s')
    await stays
    await run('delete deployment web')
    assert.equal(await gone.next(), 'deployment.apps/web condition met')
    if (minor < 31) return
    const lacks = asked(api, 'get configmaps')
    const made = follow('wait configmap/late --for=create --timeout=20s')
    await lacks
    await run('create configmap late')
    assert.equal(await made.next(), 'configmap/late condition met')
  })

  itSays(
    binary,
    'follows rollouts',
    async ({ says, run }) => {
      await run('create deployment web --image=i --replicas=2')
      await says(
        'rollout status deployment web --watch=false',
        'Waiting for deployment spec update to be observed...',
      )
      await run(`patch deployment web --subresource=status --type=merge -p '${done(2, 1)}'`)
      await says('rollout status deployment web', 'deployment "web" successfully rolled out')
      await says('rollout pause deployment web', 'deployment.apps/web paused')
      await says('rollout pause deployment web', 'error: deployments.apps "web" is already paused')
      await says('rollout resume deployment web', 'deployment.apps/web resumed')
      await says('rollout restart deployment web', 'deployment.apps/web restarted')
      await says('rollout history deployment web', 'deployment.apps/web\nNo rollout history found.')
      await says('rollout undo deployment web', 'error: no rollout history found for deployment "web"')
    },
    { since: 24 },
  )

  itSays(binary, 'looks after nodes', async ({ says, file, run }) => {
    await run(`create --validate=false -f ${file(node)}`)
    await says('get nodes', 'NAME STATUS ROLES AGE VERSION\nn Unknown worker AGE')
    await says('cordon n', 'node/n cordoned')
    await says('cordon n', 'node/n already cordoned')
    await says('get nodes', 'NAME STATUS ROLES AGE VERSION\nn Unknown,SchedulingDisabled worker AGE')
    await says('uncordon n', 'node/n uncordoned')
    await says('taint node n k=v:NoExecute', 'node/n tainted')
    await says(
      'taint node n k=w:NoExecute',
      /^error: node n already has k taint\(s\) with same effect\(s\) and --overwrite is false$/,
    )
    await says('taint node n k=w:NoExecute --overwrite', 'node/n modified')
    await says(
      'describe node n',
      /^Name: n\nRoles: worker\n[\s\S]*Taints: k=w:NoExecute\n node.kubernetes.io\/not-ready:NoSchedule\nUnschedulable: false\n/,
    )
    await says('taint node n k-', 'node/n untainted')
    await says('drain n', /^node\/n cordoned\n(node\/n )?drained$/m)
    await says('delete node n', 'node "n" deleted')
  })

  itSays(binary, 'watches lists and single objects', async ({ run, follow, file, api }) => {
    await run(`create --validate=false -f ${file(configMap('a'))}`)
    const all = follow('get configmaps -w')
    assert.equal(await all.next(), 'NAME DATA AGE')
    assert.equal(await all.next(), 'a 0 AGE')
    const began = asked(api, 'watch configmaps')
    const only = follow('get configmap a -o jsonpath={.data.x} --watch-only')
    await began
    await run(`patch configmap a --type=merge -p '{"data":{"x":"1"}}'`)
    assert.equal(await all.next(), 'a 1 AGE')
    await run('delete configmap a')
    assert.equal(await all.next(), 'a 1 AGE')
    only.stop()
    assert.match(await only.next(), /^1/)
    all.stop()
  })

  itSays(binary, 'begins anew where the history of a watch is gone', async ({ says, run, follow, api }) => {
    await run('create configmap a')
    const began = asked(api, 'watch configmaps')
    const all = follow('get configmaps -w')
    assert.equal(await all.next(), 'NAME DATA AGE')
    assert.equal(await all.next(), 'a 0 AGE')
    await began
    api.server.expireHistory()
    api.server.closeWatches()
    // It says no more than that the watch has ended; the next command finds everything.
    await says('get configmaps -o name', 'configmap/a')
    all.stop()
  })

  itSays(binary, 'goes through a proxy of its own', async ({ follow }) => {
    const proxy = follow('proxy --port=0')
    const address = /127\.0\.0\.1:\d+/.exec(await proxy.next())?.[0]
    const response = await fetch(`http://${address}/api/v1/namespaces/default`)
    const { kind } = (await response.json()) as { kind: string }
    assert.equal(kind, 'Namespace')
    proxy.stop()
  })
})
