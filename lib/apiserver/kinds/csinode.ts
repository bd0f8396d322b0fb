/**
 * Which storage drivers run on a node: CSINodes of storage.k8s.io/v1.
 */

import type { JsonObject, Problem, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt, numberAt, stringAt } from '../schema/equal.ts'
import { qualifiedProblems } from '../schema/names.ts'
import { duplicate, invalid, invalidPrinted, required } from '../schema/problem.ts'
import { always, alwaysListOf, keyed, needed, struct } from './dsl.ts'
import { defineKind } from './kind.ts'
import { driverProblems } from './storageclass.ts'

const nodeDriver = struct('CSINodeDriver', {
  name: 'string!',
  nodeID: 'string!',
  topologyKeys: needed(alwaysListOf('string'), false),
  allocatable: struct('VolumeNodeResources', { count: 'int32?' }),
})

/** How long the name of a node may be to a driver (storage validation). */
const maxNodeId = 192

const nodeDriverProblems = (one: JsonObject, field: string): Problem[] => {
  const name = stringAt(one, 'name')
  const id = stringAt(one, 'nodeID')
  const count = numberAt(one, 'allocatable', 'count')
  const problems = driverProblems(name, `${field}.name`)
  if (id === '') problems.push(required(`${field}.nodeID`))
  if (id.length > maxNodeId)
    problems.push(invalid(`${field}.nodeID`, id, `must be ${maxNodeId} characters or less`))
  if (count !== undefined && count < 0)
    problems.push(invalid(`${field}.allocatable.count`, count, 'must be greater than or equal to 0'))
  for (const key of listAt(one, 'topologyKeys').map(String)) {
    if (key === '') problems.push(required(field))
    problems.push(...qualifiedProblems(key).map((text) => invalid(field, key, text)))
  }
  return problems
}

/** What is there stays as it is, but for how many volumes fit. */
const changeProblems = (object: JsonObject, before: JsonObject | undefined): Problem[] => {
  const drivers = (of: JsonObject | undefined): JsonObject[] =>
    listAt(of, 'spec', 'drivers')
      .filter(isObject)
      .map(({ allocatable: _, ...rest }) => rest)
  return drivers(before).flatMap((old) =>
    drivers(object)
      .filter((one) => one.name === old.name && !isEqual(one, old))
      .map((one) => invalidPrinted('spec.drivers', printed(one), 'field is immutable')),
  )
}

/** In the order and the names of the struct. */
const printed = (driver: JsonObject): string =>
  JSON.stringify({
    Name: stringAt(driver, 'name'),
    NodeID: stringAt(driver, 'nodeID'),
    TopologyKeys: driver.topologyKeys ?? null,
    Allocatable: null,
  })

/** storage.k8s.io/v1 CSINode. */
export const driverNodeType: ResourceType = defineKind({
  group: 'storage.k8s.io',
  kind: 'CSINode',
  namespaced: false,
  returnsDeleted: true,
  fields: {
    spec: needed(
      always(
        struct('CSINodeSpec', {
          drivers: { ...keyed(nodeDriver, ['name']), 'x-go-omit': 'null', 'x-go-zero': null },
        }),
      ),
    ),
  },
  validate: (object, before) => {
    const names = new Set<string>()
    return listAt(object, 'spec', 'drivers')
      .filter(isObject)
      .flatMap((one, index) => {
        const field = `spec.drivers[${index}]`
        const name = stringAt(one, 'name')
        const taken = names.has(name) ? [duplicate(`${field}.name`, name)] : []
        names.add(name)
        return [...nodeDriverProblems(one, field), ...taken]
      })
      .concat(changeProblems(object, before))
  },
})
