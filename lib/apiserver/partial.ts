/** PartialObjectMetadata: objects and lists cut down to their metadata. */
import { objectOf } from './encode.ts'
import { type Page, listMetadata } from './list.ts'
import { metadataOf } from './metadata.ts'
import type { MetaVersion } from './negotiate.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import type { Entry } from './store.ts'

/** The metadata of an object as an object of its own. */
export const partialOf = (
  type: ResourceType,
  object: JsonObject,
  version: MetaVersion = 'v1',
): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: type.hiddenAnnotations === undefined ? metadataOf(object) : shownMetadata(type, object),
})

function shownMetadata({ hiddenAnnotations = [] }: ResourceType, object: JsonObject): JsonObject {
  const { annotations, ...rest } = metadataOf(object)
  const shown = Object.entries((annotations ?? {}) as JsonObject).filter(
    ([name]) => !hiddenAnnotations.includes(name),
  )
  return shown.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(shown) }
}

export const partialText = (type: ResourceType, entry: Entry, version: MetaVersion = 'v1'): string =>
  JSON.stringify(partialOf(type, objectOf(type, entry), version))

/** The metadata of a page of objects. */
export function partialListText(type: ResourceType, page: Page, version: MetaVersion = 'v1'): string {
  const items = page.entries.map((entry) => partialText(type, entry, version)).join(',')
  const metadata = JSON.stringify(listMetadata(page, false))
  return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"items":[${items}]}`
}
