import { join } from 'node:path'
import { describeKubectl, itSays } from './kubectl.ts'

describeKubectl('R23: kubectl changes', (binary) => {
  itSays(binary, 'labels, annotations and fields of what is there', async ({ says, run, minor }) => {
    await says('run p --image=nginx --labels=a=b --port=80', 'pod/p created')
    await says('label pod p x=y', 'pod/p labeled')
    await says('label pod p x=z', /^error: 'x' already has a value \(y\), and --overwrite is false$/)
    await says('label pod p x=z --overwrite', 'pod/p labeled')
    await says('label pod p x-', minor < 21 ? 'pod/p labeled' : 'pod/p unlabeled')
    await says('label pods --all k=v', 'pod/p labeled')
    await says('annotate pod p note=hello', /^pod\/p annotated?$/)
    await says(
      'annotate pod p note=hello --resource-version=1',
      /^(error: )?.*(the object has been modified|Operation cannot be fulfilled)/,
    )
    await says(
      'get pod p -o jsonpath={.metadata.labels}{.metadata.annotations}',
      '{"a":"b","k":"v"}{"note":"hello"}',
    )
    await run('create deployment web --image=nginx:1')
    await says('set image deployment/web nginx=nginx:2', 'deployment.apps/web image updated')
    await says('set image deployment/web nope=nginx:2', 'error: unable to find container named "nope"')
    await says('set env deployment/web A=B', 'deployment.apps/web env updated')
    await says('set env deployment/web --list', '# Deployment web, container nginx\nA=B')
    await says(
      'set resources deployment/web --limits=cpu=200m,memory=512Mi',
      'deployment.apps/web resource requirements updated',
    )
    await says('set serviceaccount deployment/web sa', 'deployment.apps/web serviceaccount updated')
    await says(
      'get deployment web -o jsonpath={.metadata.generation}{.spec.template.spec.containers[0].image}{.spec.template.spec.containers[0].resources}',
      '5nginx:2{"limits":{"cpu":"200m","memory":"512Mi"}}',
    )
    await says('expose deployment web --port=80 --target-port=8080', 'service/web exposed')
    await says('set selector service web app=other', 'service/web selector updated')
    await says(
      'get service web -o jsonpath={.spec.selector}{.spec.ports[0].targetPort}',
      '{"app":"other"}8080',
    )
  })

  itSays(binary, 'patches of every type', async ({ says, run }) => {
    await run('create deployment web --image=nginx:1 --replicas=2')
    await says(`patch deployment web -p '{"spec":{"replicas":1}}'`, 'deployment.apps/web patched')
    await says(`patch deployment web -p '{"spec":{"replicas":1}}'`, 'deployment.apps/web patched (no change)')
    await says(
      `patch deployment web --type=merge -p '{"spec":{"replicas":3}}'`,
      'deployment.apps/web patched',
    )
    await says(
      `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":4}]'`,
      'deployment.apps/web patched',
    )
    await says(
      `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/no/x","value":4}]'`,
      /^The request is invalid(: the server rejected our request due to an error in our request)?$/,
    )
    await says(
      `patch deployment web -p '{"spec":{"replicas":-1}}'`,
      'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
    await says(
      `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'`,
      'deployment.apps/web patched',
    )
    await says(
      'get deployment web -o jsonpath={.spec.replicas}{.spec.template.spec.containers[*].name}',
      '4side nginx',
    )
    await says(
      `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"$patch":"delete","name":"side"}]}}}}'`,
      'deployment.apps/web patched',
    )
    await says('get deployment web -o jsonpath={.spec.template.spec.containers[*].name}', 'nginx')
    await says('scale deployment web --replicas=3', 'deployment.apps/web scaled')
    await says('scale deployment web --replicas=5 --current-replicas=3', 'deployment.apps/web scaled')
    await says(
      'scale deployment web --replicas=6 --current-replicas=3',
      'error: Expected replicas to be 3, was 5',
    )
  })

  itSays(
    binary,
    'status and scale as subresources',
    async ({ says, run, minor }) => {
      await run('create deployment web --image=nginx:1 --replicas=2')
      const status = `{"status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":2,"conditions":[{"type":"Available","status":"True"}]}}`
      await says(
        `patch deployment web --subresource=status --type=merge -p '${status}'`,
        'deployment.apps/web patched',
      )
      await says('get deployment web', 'NAME READY UP-TO-DATE AVAILABLE AGE\nweb 2/2 2 2 AGE')
      await says('get deployment web --subresource=scale', 'NAME DESIRED AVAILABLE AGE\nweb 2 2 AGE')
      await says(
        `patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":3}}'`,
        /^scale.autoscaling\/web patched$/,
      )
      await says(
        'get deployment web --subresource=scale -o jsonpath={.kind}{.spec}{.status}',
        'Scale{"replicas":3}{"replicas":2,"selector":"app=web"}',
      )
      if (minor >= 27)
        await says(
          'get deployment web --subresource=nope',
          /^error: .*invalid subresource value|could not find the requested resource/,
        )
    },
    { since: 24 },
  )

  itSays(binary, 'with an editor', async ({ says, run, file, folder }) => {
    await run('create configmap c --from-literal=a=1')
    file('#!/bin/sh\nsed -i \'s/a: "1"/a: "2"/\' "$1"\n', 'change.sh')
    file('#!/bin/sh\nsed -i \'s/name: c$/name: d/\' "$1"\n', 'rename.sh')
    file(
      '#!/bin/sh\ngrep -q \'^# .*is invalid\' "$1" && exit 0\nsed -i \'s/replicas: .*/replicas: -1/\' "$1"\n',
      'break.sh',
    )
    const edit = (name: string) => ({ EDITOR: join(folder, name), KUBE_EDITOR: '' })
    await says('edit configmap c', 'configmap/c edited', edit('change.sh'))
    await says('edit configmap c', 'Edit cancelled, no changes made.', edit('change.sh'))
    await says('get configmap c -o jsonpath={.data.a}', '2')
    await says(
      'edit configmap c',
      /At least one of apiVersion, kind and name was changed|name.*(was changed|may not change)/,
      edit('rename.sh'),
    )
    await run('create deployment web --image=nginx:1')
    await says('edit deployment web', /is invalid[\s\S]*no valid changes were saved/, edit('break.sh'))
  })
})
