import { configMap } from './client.ts'
import { describeKubectl, itSays } from './kubectl.ts'

describeKubectl('R23: kubectl deletes', (binary) => {
  itSays(binary, 'deletes by name, by selector and all', async ({ says, file, run }) => {
    for (const name of ['a', 'b', 'c', 'd'])
      await run(`create -f ${file(configMap(name, {}, { labels: { k: name } }))}`)
    await says('delete configmap a --dry-run=server', /^configmap "a" deleted.*\(server dry run\)$/)
    await says('delete configmap a --dry-run=client', /^configmap "a" deleted.*\(dry run\)$/)
    await says('delete configmap a', /^configmap "a" deleted( from default namespace)?$/)
    await says('delete configmap a', 'Error from server (NotFound): configmaps "a" not found')
    await says('delete configmap a --ignore-not-found', '')
    await says('delete configmap -l k=b', /^configmap "b" deleted( from default namespace)?$/)
    await says('delete configmap --all', /^configmap "c" deleted.*\nconfigmap "d" deleted.*$/)
    await says('delete configmap -l k=b', 'No resources found')
    await run('run p --image=i')
    await says('delete pod p --grace-period=0 --force', /pod "p" force deleted/)
    await run('run p --image=i')
    await says('delete pod p --now', /^pod "p" deleted/)
    await says('get pods', 'No resources found in default namespace.')
    await run('create namespace n')
    await run('-n n create configmap c')
    await says('delete namespace n', 'namespace "n" deleted')
    await says('get namespace n', 'Error from server (NotFound): namespaces "n" not found')
  })

  itSays(
    binary,
    'deletes with dependents, before them, or without them',
    async ({ says, file, run, api }) => {
      const owned = async (owner: string, name: string): Promise<void> => {
        const { metadata } = (await api.get(`/api/v1/namespaces/default/configmaps/${owner}`)).body
        const reference = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: owner,
          uid: metadata.uid,
          blockOwnerDeletion: true,
        }
        await run(`create -f ${file(configMap(name, {}, { ownerReferences: [reference] }))}`)
      }
      for (const cascade of ['background', 'foreground', 'orphan']) {
        await run(`create configmap ${cascade}`)
        await owned(cascade, `of-${cascade}`)
        await says(
          `delete configmap ${cascade} --cascade=${cascade}`,
          new RegExp(`^configmap "${cascade}" deleted`),
        )
      }
      await says(
        'wait configmap/of-background configmap/of-foreground --for=delete --timeout=10s',
        /^(configmap\/of-background condition met\n?)?(configmap\/of-foreground condition met)?$|NotFound/,
      )
      await says('get configmap of-orphan -o name', 'configmap/of-orphan')
      await says('get configmap of-background of-foreground --ignore-not-found', '')
    },
  )
})
