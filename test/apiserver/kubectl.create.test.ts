import { describeKubectl, itSays } from './kubectl.ts'

const PLAIN = [
  ['namespace n', 'namespace/n'],
  ['configmap c --from-literal=a=b', 'configmap/c'],
  ['secret generic s --from-literal=a=b', 'secret/s'],
  ['secret docker-registry d --docker-server=x --docker-username=u --docker-password=p', 'secret/d'],
  ['serviceaccount sa', 'serviceaccount/sa'],
  [
    'role r --verb=get,list --resource=pods,deployments.apps --resource-name=x',
    'role.rbac.authorization.k8s.io/r',
  ],
  [
    'rolebinding rb --role=r --user=u --group=g --serviceaccount=default:sa',
    'rolebinding.rbac.authorization.k8s.io/rb',
  ],
  ['clusterrole cr --verb=get --non-resource-url=/healthz', 'clusterrole.rbac.authorization.k8s.io/cr'],
  ['clusterrole ca --aggregation-rule=a=b', 'clusterrole.rbac.authorization.k8s.io/ca'],
  ['clusterrolebinding crb --clusterrole=cr --user=u', 'clusterrolebinding.rbac.authorization.k8s.io/crb'],
  ['quota q --hard=cpu=1,memory=1G,pods=2 --scopes=Terminating', 'resourcequota/q'],
  ['priorityclass pc --value=1000 --description=x', 'priorityclass.scheduling.k8s.io/pc'],
  ['deployment web --image=nginx:1 --replicas=2 --port=80', 'deployment.apps/web'],
  ['job j --image=busybox -- sleep 1', 'job.batch/j'],
  ['ingress i --rule=foo.com/bar=svc:8080,tls=cert --class=nginx', 'ingress.networking.k8s.io/i'],
  ['service clusterip one --tcp=80:8080', 'service/one'],
  ['service nodeport two --tcp=80 --node-port=30123', 'service/two'],
  ['service externalname three --external-name=example.com', 'service/three'],
  ['service loadbalancer four --tcp=80', 'service/four'],
  ['service clusterip five --clusterip=None', 'service/five'],
] as const

describeKubectl('R23: kubectl creates', (binary) => {
  itSays(binary, 'whatever it has a generator for', async ({ says, minor }) => {
    for (const [command, made] of PLAIN) await says(`create ${command}`, `${made} created`)
    await says('create configmap c', /^error: failed to create configmap: configmaps "c" already exists$/)
    await says(
      'create secret generic t --type=kubernetes.io/ssh-auth',
      /is invalid: data\[ssh-privatekey\]: Required value$/,
    )
    await says('create configmap e --dry-run=server', 'configmap/e created (server dry run)')
    await says('get configmap e --ignore-not-found', '')
    await says(
      'get services',
      /^NAME TYPE CLUSTER-IP EXTERNAL-IP PORT\(S\) AGE\nfive ClusterIP None <none> <none> AGE\nfour LoadBalancer 10\.0\.0\.\d+ <pending> 80:3\d{4}\/TCP AGE\none ClusterIP 10\.0\.0\.\d+ <none> 80\/TCP AGE\nthree ExternalName <none> example.com <none> AGE\ntwo NodePort 10\.0\.0\.\d+ <none> 80:30123\/TCP AGE$/,
    )
    await says('get ingress', 'NAME CLASS HOSTS ADDRESS PORTS AGE\ni nginx foo.com 80, 443 AGE')
    await says(
      'get rolebindings -o wide',
      'NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS\nrb Role/r AGE u g default/sa',
    )
    await says(
      'get deployment -o wide',
      'NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS IMAGES SELECTOR\nweb 0/2 0 0 AGE nginx nginx:1 app=web',
    )
    if (minor < 21) return
    await says(
      "create cronjob cj --image=busybox --schedule='*/5 * * * *' -- date",
      'cronjob.batch/cj created',
    )
    await says('create job k --from=cronjob/cj', 'job.batch/k created')
    await says(
      'get job k -o jsonpath={.metadata.ownerReferences[0].name}{.spec.template.spec.containers[0].command}',
      'cj["date"]',
    )
  })
})
