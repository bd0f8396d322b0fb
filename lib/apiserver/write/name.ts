/** The name of an object that a PUT or PATCH carries has to be that of its path. */
import { metadataText } from '../metadata.ts'
import type { JsonObject } from '../resource.ts'
import { badRequest } from '../status.ts'

/** Throws 400. */
export function checkName(object: JsonObject, name: string): void {
  const given = metadataText(object, 'name')
  if (given === '')
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    )
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}
