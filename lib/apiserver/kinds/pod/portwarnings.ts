/**
 * Ports of a pod's containers that get in each other's way.
 */

import type { JsonObject } from '../../resource.ts'
import { listAt, numberAt, objectAt, stringAt } from '../../schema/equal.ts'
import { goFields } from './go.ts'
import { eachContainer } from './place.ts'

interface Block {
  readonly port: JsonObject
  readonly field: string
}

/** What to warn of. */
export const portWarnings = (spec: JsonObject, field: string): string[] => {
  const blocks = eachContainer(spec, field, (container, at) =>
    listAt(container, 'ports').map(
      (port, index): Block => ({
        port: objectAt(port),
        field: `${at}.ports[${index}]`,
      }),
    ),
  )
  return [
    ...blocks.flatMap((block, index) => [
      ...(stringAt(block.port, 'hostIP') !== '' && hostPort(block) === 0
        ? [`${block.field}: hostIP set without hostPort: ${goFields('ContainerPort', block.port)}`]
        : []),
      ...blocks.slice(0, index).flatMap((other) => clash(block, other)),
    ]),
    ...nameClashes(blocks),
  ]
}

const hostPort = ({ port }: Block): number => numberAt(port, 'hostPort') ?? 0

const keyOf = ({ port }: Block): string =>
  `${numberAt(port, 'containerPort') ?? 0}/${stringAt(port, 'protocol')}`

const clash = (block: Block, other: Block): string[] => {
  if (keyOf(block) !== keyOf(other)) return []
  const ip = stringAt(block.port, 'hostIP')
  const otherIp = stringAt(other.port, 'hostIP')
  const say = (what: string): string[] => [`${block.field}: ${what} port definition with ${other.field}`]
  if (ip === otherIp && hostPort(block) === hostPort(other)) return say('duplicate')
  if (hostPort(block) === 0 || hostPort(other) === 0) return say('overlapping')
  const isAmbiguous = hostPort(block) === hostPort(other) && (ip === '') !== (otherIp === '')
  return isAmbiguous ? say('dangerously ambiguous') : []
}

const nameClashes = (blocks: Block[]): string[] => {
  const first = new Map<string, string>()
  return blocks.flatMap(({ port, field }) => {
    const name = stringAt(port, 'name')
    const other = first.get(name)
    if (name === '') return []
    if (other !== undefined)
      return [
        `${field}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`,
      ]
    first.set(name, field)
    return []
  })
}
