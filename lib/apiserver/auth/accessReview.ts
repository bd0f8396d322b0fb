/** May somebody do something, and what may I do? The reviews of authorization.k8s.io/v1. */
import type { Json, JsonObject } from '../resource.ts'
import { at, isObject, listAt, objectAt, stringAt } from '../schema/equal.ts'
import type { Server } from '../server.ts'
import { badRequest, invalid } from '../status.ts'
import type { Access } from './access.ts'
import { accessProblems, localProblems, metadataProblems, subjectProblems } from './accessProblems.ts'
import type { Asked, Question } from './question.ts'
import { absenceText, authorize, grantsFor, type RoleName, type Rule } from './rbac.ts'
import { selectorError } from './selectorError.ts'
import type { User } from './user.ts'

const GROUP = 'authorization.k8s.io'

/** Of a kind that knows its own problems; `userOf` says who is meant. */
const accessReview = (
  problemsOf: (object: JsonObject) => ReturnType<typeof accessProblems>,
  userOf: (asked: Asked) => User,
): Question => ({
  check(_server, { object }) {
    const problems = problemsOf(object)
    if (problems.length > 0) throw invalid({ group: GROUP, kind: '' }, '', problems)
    return object
  },
  answer: (server, asked) => ({
    ...asked.object,
    status: statusOf(server, userOf(asked), asked.object),
  }),
})

/** The user of a spec. */
const subjectOf = ({ object }: Asked): User => ({
  username: stringAt(object, 'spec', 'user'),
  groups: listAt(object, 'spec', 'groups').map(String),
})

export const selfSubjectAccessReview = accessReview(
  (object) => [...accessProblems(object), ...metadataProblems(object, [])],
  ({ user }) => user,
)

export const subjectAccessReview = accessReview(
  (object) => [...accessProblems(object), ...subjectProblems(object), ...metadataProblems(object, [])],
  subjectOf,
)

export const localSubjectAccessReview = accessReview(
  (object) => [
    ...accessProblems(object),
    ...subjectProblems(object),
    ...metadataProblems(object, ['namespace']),
    ...localProblems(object),
  ],
  subjectOf,
)

function statusOf(server: Server, user: User, object: JsonObject): JsonObject {
  const { allowed, reason } = authorize(server, user, accessIn(object))
  const error = selectorError(objectAt(object, 'spec', 'resourceAttributes'))
  return {
    allowed,
    ...(reason === '' ? {} : { reason }),
    ...(error === '' ? {} : { evaluationError: error }),
  }
}

function accessIn(object: JsonObject): Access {
  const resource = at(object, 'spec', 'resourceAttributes')
  const path = at(object, 'spec', 'nonResourceAttributes')
  if (!isObject(resource)) return { type: 'path', verb: stringAt(path, 'verb'), path: stringAt(path, 'path') }
  return {
    type: 'resource',
    verb: stringAt(resource, 'verb'),
    group: stringAt(resource, 'group'),
    resource: stringAt(resource, 'resource'),
    subresource: stringAt(resource, 'subresource'),
    namespace: stringAt(resource, 'namespace'),
    name: stringAt(resource, 'name'),
  }
}

/** The rules that apply to whoever asks. Nothing of the question comes back but its kind. */
export const selfSubjectRulesReview: Question = {
  check(_server, { object }) {
    if (stringAt(object, 'spec', 'namespace') === '') throw badRequest('no namespace on request')
    return object
  },
  answer(server, { object, user }) {
    const rules: Rule[] = []
    const absent: RoleName[] = []
    for (const grant of grantsFor(server, user, stringAt(object, 'spec', 'namespace'))) {
      if (grant.type === 'rule') rules.push(grant.rule)
      else absent.push(grant.role)
    }
    return {
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules.filter(({ resources }) => resources.length > 0).map(resourceRule),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0).map(pathRule),
        incomplete: false,
        ...(absent.length === 0 ? {} : { evaluationError: absenceText(absent) }),
      },
    }
  },
}

const listed = (name: string, values: readonly string[]): JsonObject =>
  values.length === 0 ? {} : { [name]: [...values] as Json[] }

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: Rule): JsonObject => ({
  verbs: [...verbs],
  ...listed('apiGroups', apiGroups),
  ...listed('resources', resources),
  ...listed('resourceNames', resourceNames),
})

const pathRule = ({ verbs, nonResourceURLs }: Rule): JsonObject => ({
  verbs: [...verbs],
  ...listed('nonResourceURLs', nonResourceURLs),
})
