/**
 * The reviews of authorization.k8s.io/v1: questions that are answered and never stored.
 */

import type { ResourceType, Schema } from '../resource.ts'
import { always, listOf, mapOf, struct } from './dsl.ts'
import { defineKind, type KindDescription } from './kind.ts'

const selectorAttributes = (name: string, requirement: string): Schema =>
  struct(name, {
    rawSelector: 'string',
    requirements: listOf(struct(requirement, { key: 'string!', operator: 'string!', values: 'string[]' })),
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

const subjectSpec = struct('SubjectAccessReviewSpec', {
  ...attributes,
  user: 'string',
  groups: 'string[]',
  extra: mapOf('string[]'),
  uid: 'string',
})

const accessStatus = struct('SubjectAccessReviewStatus', {
  allowed: 'bool!',
  denied: 'bool',
  reason: 'string',
  evaluationError: 'string',
})

/** A list that is written as null where there is none. */
const alwaysListOf = (given: string | Schema): Schema => ({
  ...listOf(given),
  'x-go-omit': 'null',
  'x-go-zero': null,
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

const review = (given: Pick<KindDescription, 'kind' | 'namespaced' | 'fields'>): ResourceType =>
  defineKind({ group: 'authorization.k8s.io', isVirtual: true, verbs: ['create'], ...given })

/** The questions about what somebody may do. */
export const reviewTypes: readonly ResourceType[] = [
  review({
    kind: 'LocalSubjectAccessReview',
    namespaced: true,
    fields: { spec: always(subjectSpec), status: always(accessStatus) },
  }),
  review({
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
    fields: {
      spec: always(struct('SelfSubjectAccessReviewSpec', attributes)),
      status: always(accessStatus),
    },
  }),
  review({
    kind: 'SelfSubjectRulesReview',
    namespaced: false,
    fields: {
      spec: always(struct('SelfSubjectRulesReviewSpec', { namespace: 'string' })),
      status: always(rulesStatus),
    },
  }),
  review({
    kind: 'SubjectAccessReview',
    namespaced: false,
    fields: { spec: always(subjectSpec), status: always(accessStatus) },
  }),
]
