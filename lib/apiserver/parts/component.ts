/** ComponentStatuses, read. */
import { componentStatuses } from '../kinds/component.ts'
import { metadataText } from '../metadata.ts'
import type { Form } from '../negotiate.ts'
import { objectAnswer, pageAnswer, plainAnswer } from '../render.ts'
import type { Route } from '../route.ts'
import type { Answer, Server } from '../server.ts'
import { notFound } from '../status.ts'

/** One of them, or all. Throws 404. */
export function readComponents(server: Server, { type, name }: Route, form: Form): Answer {
  const all = componentStatuses()
  if (name !== '') {
    const object = all.find((one) => metadataText(one, 'name') === name)
    if (object === undefined) throw notFound({ ...type, plural: type.singular }, name)
    return objectAnswer(server, type, { status: 200, object }, form)
  }
  if (form.as === 'object')
    return plainAnswer(200, { kind: type.listKind, apiVersion: 'v1', metadata: {}, items: all }, form)
  const entries = all.map((object) => {
    const own = metadataText(object, 'name')
    return { key: own, namespace: '', name: own, revision: 0, object }
  })
  const { revision } = server.store
  return pageAnswer(server, type, { entries, revision, continue: '', remaining: undefined }, form)
}
