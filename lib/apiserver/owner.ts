/** Looks up the owners that objects name: by apiVersion, kind and name, and only the very one of that uid counts. */
import type { Owner } from './dependents.ts'
import { metadataText } from './metadata.ts'
import { findKind } from './registry.ts'
import type { JsonObject } from './resource.ts'
import { findEntry, type Server, tableFor } from './server.ts'
import type { Entry, Table } from './store.ts'
import { stringAt } from './schema/equal.ts'

/** The owner, 'absent', or 'unknown' when it cannot be looked up. */
export type Found = { readonly entry: Entry; readonly table: Table } | 'absent' | 'unknown'

export interface Finder {
  /** `namespace` is that of the dependent, '' where it has none. */
  owner(owner: Owner, namespace: string): Found
  /** Keeps in mind that an object is gone, for when its kind is gone, too. */
  remember(gone: JsonObject): void
}

/** As many as the garbage collector of kube-controller-manager keeps in mind. */
const REMEMBERED = 500

/** A finder that remembers the last owners that went. */
export function findOwners(server: Server): Finder {
  const gone = new Set<string>()
  return {
    remember: (object) => {
      gone.add(
        identityOf({
          apiVersion: stringAt(object, 'apiVersion'),
          kind: stringAt(object, 'kind'),
          namespace: metadataText(object, 'namespace'),
          name: metadataText(object, 'name'),
          uid: metadataText(object, 'uid'),
        }),
      )
      for (const oldest of gone) {
        if (gone.size <= REMEMBERED) break
        gone.delete(oldest)
      }
    },
    owner: (owner, namespace) => {
      const found = lookUp(server, owner, namespace)
      const isGone = () =>
        [namespace, ''].some((place) => gone.has(identityOf({ ...owner, namespace: place })))
      return found === 'unknown' && isGone() ? 'absent' : found
    },
  }
}

type Identity = Pick<Owner, 'apiVersion' | 'kind' | 'name' | 'uid'> & { readonly namespace: string }

const identityOf = ({ apiVersion, kind, namespace, name, uid }: Identity): string =>
  JSON.stringify([apiVersion, kind, namespace, name, uid])

function lookUp(server: Server, owner: Owner, namespace: string): Found {
  const type = findKind(server.registry, owner.apiVersion, owner.kind)
  if (type === undefined) return 'unknown'
  // A namespaced owner of a cluster-scoped object cannot be found: the reference is a mistake, not a reason to delete.
  if (type.namespaced && namespace === '') return 'unknown'
  const entry = findEntry(server, type, type.namespaced ? namespace : '', owner.name)
  if (entry === undefined || metadataText(entry.object, 'uid') !== owner.uid) return 'absent'
  return { entry, table: tableFor(server, type) }
}
