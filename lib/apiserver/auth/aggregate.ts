/**
 * The controller of aggregated ClusterRoles: their rules are those of all roles that their selectors choose, and follow them
 * (kubernetes/pkg/controller/clusterroleaggregation).
 */
import { createQueue, type Place } from '../controller.ts'
import { RBAC_GROUP } from '../kinds/rbacrules.ts'
import { labelsOf } from '../metadata.ts'
import { findType } from '../registry.ts'
import type { Json, JsonObject, ResourceType } from '../resource.ts'
import { isEqual, isObject, listAt } from '../schema/equal.ts'
import { selectorMatches } from '../selector/object.ts'
import { type Server, tableFor, timestamp } from '../server.ts'
import type { Entry } from '../store.ts'
import { targetOf, untilCurrent } from '../write/again.ts'
import { applyObject } from '../write/apply.ts'
import type { Writing } from '../write/outcome.ts'
import { controllerUser } from './user.ts'

/** The manager of gathered rules, and the account that writes them. */
export const AGGREGATOR = 'clusterrole-aggregation-controller'

/** Gathers for as long as the server lives, from the first change on: what is there already is taken as gathered. */
export function aggregateRoles(server: Server): void {
  const type = findType(server.registry, RBAC_GROUP, 'v1', 'clusterroles')
  if (type === undefined) return
  const table = tableFor(server, type)
  const enqueue = createQueue(server, (place) => gather(server, type, place))
  table.listeners.add(() => {
    // Who gathers from whom is not kept: there are few roles.
    for (const { object, key } of table.entries) if (isObject(object.aggregationRule)) enqueue({ table, key })
  })
}

async function gather(server: Server, type: ResourceType, { table, key }: Place): Promise<undefined> {
  const role = table.byKey.get(key)
  if (role === undefined) return
  const rules = gatheredRules(role, table.entries)
  if (isEqual(rules, listAt(role.object, 'rules'))) return
  await untilCurrent(async () => {
    const route = { type, namespace: '', name: role.name, subresource: '', watch: false }
    const patch: JsonObject = {
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: type.kind,
      metadata: { name: role.name },
      rules,
    }
    await applyObject(server, await targetOf(server, route), JSON.stringify(patch), writingOf(server))
  })
}

type NamedRole = Pick<Entry, 'name' | 'object'>

/** The rules of the roles that a role's selectors choose, each once, selector by selector in the order of names. */
export function gatheredRules(role: NamedRole, roles: readonly NamedRole[]): Json[] {
  const rules: Json[] = []
  for (const selector of listAt(role.object, 'aggregationRule', 'clusterRoleSelectors').filter(isObject))
    for (const { name, object } of roles)
      if (name !== role.name && selectorMatches(selector, labelsOf(object)))
        for (const rule of listAt(object, 'rules'))
          if (!rules.some((known) => isEqual(known, rule))) rules.push(rule)
  return rules
}

const writingOf = (server: Server): Writing => ({
  manager: AGGREGATOR,
  now: timestamp(server),
  options: { dryRun: false, fieldManager: AGGREGATOR, force: true, fieldValidation: 'Ignore' },
  asking: {
    user: controllerUser(AGGREGATOR),
    options: { fieldManager: AGGREGATOR, force: true },
    dryRun: false,
    deadline: Number.POSITIVE_INFINITY,
    warn: () => {},
  },
})
