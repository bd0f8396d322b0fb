/**
 * The reviews of authorization.k8s.io/v1 and authentication.k8s.io/v1: questions that are answered and never stored. How
 * they are answered is in `auth/`.
 */

import type { ResourceType, Schema } from '../resource.ts'
import { always, alwaysListOf, listOf, mapOf, needed, ofPackage, optional, struct } from './dsl.ts'
import { defineKind, type KindDescription } from './kind.ts'

const selectorAttributes = (name: string, requirement: string): Schema =>
  struct(name, {
    rawSelector: 'string',
    requirements: listOf(
      ofPackage('meta.v1', struct(requirement, { key: 'string!', operator: 'string!', values: 'string[]' })),
    ),
  })

const attributes = {
  resourceAttributes: struct('ResourceAttributes', {
    namespace: 'string',
    verb: 'string',
    group: 'string',
    version: 'string',
    resource: 'string',
    subresource: 'string',
    name: 'string',
    fieldSelector: selectorAttributes('FieldSelectorAttributes', 'FieldSelectorRequirement'),
    labelSelector: selectorAttributes('LabelSelectorAttributes', 'LabelSelectorRequirement'),
  }),
  nonResourceAttributes: struct('NonResourceAttributes', { path: 'string', verb: 'string' }),
}

/** What is known of a user besides. */
const extra: Schema = mapOf({ ...listOf('string'), 'x-go-type': 'v1.ExtraValue' })

const subjectSpec = struct('SubjectAccessReviewSpec', {
  ...attributes,
  user: 'string',
  groups: 'string[]',
  extra,
  uid: 'string',
})

const accessStatus = struct('SubjectAccessReviewStatus', {
  allowed: 'bool!',
  denied: 'bool',
  reason: 'string',
  evaluationError: 'string',
})

const rulesStatus = struct('SubjectRulesReviewStatus', {
  resourceRules: alwaysListOf(
    struct('ResourceRule', {
      verbs: alwaysListOf('string'),
      apiGroups: 'string[]',
      resources: 'string[]',
      resourceNames: 'string[]',
    }),
  ),
  nonResourceRules: alwaysListOf(
    struct('NonResourceRule', { verbs: alwaysListOf('string'), nonResourceURLs: 'string[]' }),
  ),
  incomplete: 'bool!',
  evaluationError: 'string',
})

const userInfo = struct('UserInfo', {
  username: 'string',
  uid: 'string',
  groups: 'string[]',
  extra,
})

const AUTHORIZATION = 'authorization.k8s.io'
const AUTHENTICATION = 'authentication.k8s.io'

/** No columns: none of them can be shown as a Table. */
const review = (
  group: string,
  given: Pick<KindDescription, 'kind' | 'namespaced' | 'fields'>,
): ResourceType => defineKind({ group, isVirtual: true, verbs: ['create'], columns: [], ...given })

/** What is asked of a service account for a token; it has no path of its own. */
export const tokenRequestType: ResourceType = review(AUTHENTICATION, {
  kind: 'TokenRequest',
  namespaced: true,
  fields: {
    spec: always(
      struct('TokenRequestSpec', {
        audiences: needed(alwaysListOf('string'), false),
        expirationSeconds: needed({ ...optional('int64'), default: 3600, 'x-go-zero': null }, false),
        boundObjectRef: {
          ...struct('BoundObjectReference', {
            kind: 'string',
            apiVersion: 'string',
            name: 'string',
            uid: 'string',
          }),
          'x-go-zero': null,
        },
      }),
    ),
    status: always(
      struct('TokenRequestStatus', {
        token: needed('string!', false),
        expirationTimestamp: needed('time!', false),
      }),
    ),
  },
})

/** The questions about who somebody is, and what they may do. */
export const reviewTypes: readonly ResourceType[] = [
  review(AUTHORIZATION, {
    kind: 'LocalSubjectAccessReview',
    namespaced: true,
    fields: { spec: needed(always(subjectSpec)), status: always(accessStatus) },
  }),
  review(AUTHORIZATION, {
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
    fields: {
      spec: needed(always(struct('SelfSubjectAccessReviewSpec', attributes))),
      status: always(accessStatus),
    },
  }),
  review(AUTHORIZATION, {
    kind: 'SelfSubjectRulesReview',
    namespaced: false,
    fields: {
      spec: needed(always(struct('SelfSubjectRulesReviewSpec', { namespace: 'string' }))),
      status: always(rulesStatus),
    },
  }),
  review(AUTHORIZATION, {
    kind: 'SubjectAccessReview',
    namespaced: false,
    fields: { spec: needed(always(subjectSpec)), status: always(accessStatus) },
  }),
  review(AUTHENTICATION, {
    kind: 'SelfSubjectReview',
    namespaced: false,
    fields: { status: always(struct('SelfSubjectReviewStatus', { userInfo: always(userInfo) })) },
  }),
  review(AUTHENTICATION, {
    kind: 'TokenReview',
    namespaced: false,
    fields: {
      spec: needed(always(struct('TokenReviewSpec', { token: needed('string'), audiences: 'string[]' }))),
      status: always(
        struct('TokenReviewStatus', {
          authenticated: 'bool',
          user: always(userInfo),
          audiences: 'string[]',
          error: 'string',
        }),
      ),
    },
  }),
]
