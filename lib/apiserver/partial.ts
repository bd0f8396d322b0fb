/** PartialObjectMetadata: objects and lists cut down to their metadata. */
import { type Page, listMetadata } from './list.ts'
import { metadataOf } from './metadata.ts'
import type { JsonObject, ResourceType } from './resource.ts'
import { objectOf } from './encode.ts'
import type { Entry } from './store.ts'

/** The metadata of an object as an object of its own. */
export const partialOf = (object: JsonObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: metadataOf(object),
})

export const partialText = (type: ResourceType, entry: Entry): string =>
  JSON.stringify(partialOf(objectOf(type, entry)))

/** The metadata of a page of objects. */
export function partialListText(type: ResourceType, page: Page): string {
  const items = page.entries.map((entry) => partialText(type, entry)).join(',')
  const metadata = JSON.stringify(listMetadata(page, false))
  return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":${metadata},"items":[${items}]}`
}
