import { describeKubectl, itSays } from './kubectl.ts'
import { configMap } from './client.ts'

describeKubectl('R23: kubectl reads', (binary) => {
  itSays(binary, 'objects in every form that it prints', async ({ says, file }) => {
    await says(
      `create -f ${file(configMap('a', { x: '1', w: '2' }, { labels: { k: 'v' } }))}`,
      'configmap/a created',
    )
    await says(`create -f ${file(configMap('b'))}`, 'configmap/b created')
    await says('get cm', 'NAME DATA AGE\na 2 AGE\nb 0 AGE')
    await says('get configmaps a --show-labels', 'NAME DATA AGE LABELS\na 2 AGE k=v')
    await says('get cm -L k --no-headers', 'a 2 AGE v\nb 0 AGE')
    await says('get cm -A -o wide', 'NAMESPACE NAME DATA AGE\ndefault a 2 AGE\ndefault b 0 AGE')
    await says('get cm --sort-by=.data.x -o name', /configmap\/a\nconfigmap\/b|configmap\/b\nconfigmap\/a/)
    await says('get cm a -o jsonpath={.data.x}{.metadata.labels}', '1{"k":"v"}')
    await says('get cm -o jsonpath={.items[*].metadata.name}', 'a b')
    await says("get cm a -o 'go-template={{range $k, $v := .data}}{{$k}}={{$v}} {{end}}'", 'w=2 x=1')
    await says('get cm -o custom-columns=N:.metadata.name,X:.data.x', 'N X\na 1\nb <none>')
    await says(
      'get cm a -o yaml',
      `apiVersion: v1
data:
 w: "2"
 x: "1"
kind: ConfigMap
metadata:
 creationTimestamp: "TIME"
 labels:
 k: v
 name: a
 namespace: default
 resourceVersion: "N"
 uid: UID`,
    )
    await says(
      'get cm a b nope',
      'NAME DATA AGE\na 2 AGE\nb 0 AGE\nError from server (NotFound): configmaps "nope" not found',
    )
    await says('get cm a nope --ignore-not-found -o name', 'configmap/a')
    await says('get nope', `error: the server doesn't have a resource type "nope"`)
    await says('get secrets', 'No resources found in default namespace.')
  })

  itSays(binary, 'lists by selectors and in chunks', async ({ says, file, run, api }) => {
    for (const name of ['a', 'b', 'c'])
      await run(`create -f ${file(configMap(name, {}, { labels: { k: name, all: '' } }))}`)
    await says("get cm -l 'k in (a,b)' -o name", 'configmap/a\nconfigmap/b')
    await says("get cm -l 'all,k!=a' -o name", 'configmap/b\nconfigmap/c')
    await says('get cm -l k=z', 'No resources found in default namespace.')
    await says("get cm -l 'k in'", /unable to parse requirement/)
    await says('get cm --field-selector metadata.name=b -o name', 'configmap/b')
    await says(
      'get cm --field-selector metadata.name!=b,metadata.namespace=default -o name',
      'configmap/a\nconfigmap/c',
    )
    await says(
      'get cm --field-selector data.x=1',
      'Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "", field selector "data.x=1": "data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
    const seen: string[] = []
    const stop = api.server.onRequest(({ verb, resource }) => void seen.push(`${verb} ${resource}`))
    await says('get cm --chunk-size=1 -o name', 'configmap/a\nconfigmap/b\nconfigmap/c')
    stop()
    if (seen.filter((one) => one === 'list configmaps').length !== 3)
      throw new Error(`no chunks: ${seen.join()}`)
  })

  itSays(binary, 'what the server is and has', async ({ says }) => {
    await says('get --raw /healthz', 'ok')
    await says('get --raw /api/v1/namespaces/default/configmaps?limit=1', /"kind":"ConfigMapList"/)
    await says(
      'get --raw /nope',
      'Error from server (NotFound): the server could not find the requested resource',
    )
    await says('version', /Server Version: .*v1\.36/)
    await says('cluster-info', /is running at .*SERVER/)
    await says('api-versions', /^(?=[\s\S]*\bapps\/v1\n)(?=[\s\S]*\bbatch\/v1\n)(?=[\s\S]*\bv1$)/)
    await says(
      'api-resources --api-group=apps -o name',
      'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps',
    )
    await says('api-resources --api-group=apps', /\ndeployments deploy apps\/v1 true Deployment\n/)
    await says(
      'api-resources --namespaced=false --api-group= -o name',
      /^(?=[\s\S]*namespaces)(?=[\s\S]*nodes)(?![\s\S]*pods)/,
    )
    await says(
      'api-resources --api-group=batch -o wide',
      /cronjobs cj batch\/v1 true CronJob \[?create[ ,]delete[ ,]deletecollection[ ,]get[ ,]list[ ,]patch[ ,]update[ ,]watch/,
    )
    await says('config current-context', 'fairlead')
    await says('config view --minify -o jsonpath={.clusters[0].cluster.server}', 'SERVER')
  })
})
