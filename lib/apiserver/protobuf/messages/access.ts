/** The messages of rbac, certificates, authentication, authorization and admissionregistration. */
export const accessMessages: Readonly<Record<string, string>> = {
  AggregationRule: '1 clusterRoleSelectors LabelSelector[]',
  AuditAnnotation: '1 key string, 2 valueExpression string',
  AuthorizationExtraValue: '1 items string[]',
  BoundObjectReference: '1 kind string, 2 apiVersion string, 3 name string, 4 uid string',
  CertificateSigningRequest:
    '1 metadata ObjectMeta, 2 spec CertificateSigningRequestSpec, 3 status CertificateSigningRequestStatus',
  CertificateSigningRequestCondition:
    '1 type string, 6 status string, 2 reason string, 3 message string, 4 lastUpdateTime Time, 5 lastTransitionTime Time',
  CertificateSigningRequestSpec:
    '1 request bytes, 7 signerName string, 8 expirationSeconds int, 5 usages string[], 2 username string, 3 uid string, 4 groups string[], 6 extra CertificatesExtraValue{}',
  CertificateSigningRequestStatus: '1 conditions CertificateSigningRequestCondition[], 2 certificate bytes',
  CertificatesExtraValue: '1 items string[]',
  ClusterRole: '1 metadata ObjectMeta, 2 rules PolicyRule[], 3 aggregationRule AggregationRule',
  ClusterRoleBinding: '1 metadata ObjectMeta, 2 subjects Subject[], 3 roleRef RoleRef',
  ExpressionWarning: '2 fieldRef string, 3 warning string',
  ExtraValue: '1 items string[]',
  FieldSelectorAttributes: '1 rawSelector string, 2 requirements FieldSelectorRequirement[]',
  LabelSelectorAttributes: '1 rawSelector string, 2 requirements LabelSelectorRequirement[]',
  LocalSubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus',
  MatchCondition: '1 name string, 2 expression string',
  MatchResources:
    '1 namespaceSelector LabelSelector, 2 objectSelector LabelSelector, 3 resourceRules NamedRuleWithOperations[], 4 excludeResourceRules NamedRuleWithOperations[], 7 matchPolicy string',
  MutatingWebhook:
    '1 name string, 2 clientConfig WebhookClientConfig, 3 rules RuleWithOperations[], 4 failurePolicy string, 9 matchPolicy string, 5 namespaceSelector LabelSelector, 11 objectSelector LabelSelector, 6 sideEffects string, 7 timeoutSeconds int, 8 admissionReviewVersions string[], 10 reinvocationPolicy string, 12 matchConditions MatchCondition[]',
  MutatingWebhookConfiguration: '1 metadata ObjectMeta, 2 webhooks MutatingWebhook[]',
  NamedRuleWithOperations: '1 resourceNames string[], 2 ruleWithOperations RuleWithOperations*',
  NonResourceAttributes: '1 path string, 2 verb string',
  NonResourceRule: '1 verbs string[], 2 nonResourceURLs string[]',
  ParamKind: '1 apiVersion string, 2 kind string',
  ParamRef: '1 name string, 2 namespace string, 3 selector LabelSelector, 4 parameterNotFoundAction string',
  PolicyRule:
    '1 verbs string[], 2 apiGroups string[], 3 resources string[], 4 resourceNames string[], 5 nonResourceURLs string[]',
  ResourceAttributes:
    '1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string, 8 fieldSelector FieldSelectorAttributes, 9 labelSelector LabelSelectorAttributes',
  ResourceRule: '1 verbs string[], 2 apiGroups string[], 3 resources string[], 4 resourceNames string[]',
  Role: '1 metadata ObjectMeta, 2 rules PolicyRule[]',
  RoleBinding: '1 metadata ObjectMeta, 2 subjects Subject[], 3 roleRef RoleRef',
  RoleRef: '1 apiGroup string, 2 kind string, 3 name string',
  Rule: '1 apiGroups string[], 2 apiVersions string[], 3 resources string[], 4 scope string',
  RuleWithOperations: '1 operations string[], 2 rule Rule*',
  SelfSubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus',
  SelfSubjectAccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes',
  SelfSubjectReview: '1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: '1 userInfo UserInfo',
  SelfSubjectRulesReview:
    '1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status SubjectRulesReviewStatus',
  SelfSubjectRulesReviewSpec: '1 namespace string',
  ServiceReference: '1 namespace string, 2 name string, 3 path string, 4 port int',
  Subject: '1 kind string, 2 apiGroup string, 3 name string, 4 namespace string',
  SubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus',
  SubjectAccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes, 3 user string, 4 groups string[], 5 extra AuthorizationExtraValue{}, 6 uid string',
  SubjectAccessReviewStatus: '1 allowed bool, 4 denied bool, 2 reason string, 3 evaluationError string',
  SubjectRulesReviewStatus:
    '1 resourceRules ResourceRule[], 2 nonResourceRules NonResourceRule[], 3 incomplete bool, 4 evaluationError string',
  TokenRequest: '1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus',
  TokenRequestSpec: '1 audiences string[], 4 expirationSeconds int, 3 boundObjectRef BoundObjectReference',
  TokenRequestStatus: '1 token string, 2 expirationTimestamp Time',
  TokenReview: '1 metadata ObjectMeta, 2 spec TokenReviewSpec, 3 status TokenReviewStatus',
  TokenReviewSpec: '1 token string, 2 audiences string[]',
  TokenReviewStatus: '1 authenticated bool, 2 user UserInfo, 4 audiences string[], 3 error string',
  TypeChecking: '1 expressionWarnings ExpressionWarning[]',
  UserInfo: '1 username string, 2 uid string, 3 groups string[], 4 extra ExtraValue{}',
  ValidatingAdmissionPolicy:
    '1 metadata ObjectMeta, 2 spec ValidatingAdmissionPolicySpec, 3 status ValidatingAdmissionPolicyStatus',
  ValidatingAdmissionPolicyBinding: '1 metadata ObjectMeta, 2 spec ValidatingAdmissionPolicyBindingSpec',
  ValidatingAdmissionPolicyBindingSpec:
    '1 policyName string, 2 paramRef ParamRef, 3 matchResources MatchResources, 4 validationActions string[]',
  ValidatingAdmissionPolicySpec:
    '1 paramKind ParamKind, 2 matchConstraints MatchResources, 3 validations Validation[], 4 failurePolicy string, 5 auditAnnotations AuditAnnotation[], 6 matchConditions MatchCondition[], 7 variables Variable[]',
  ValidatingAdmissionPolicyStatus:
    '1 observedGeneration int, 2 typeChecking TypeChecking, 3 conditions Condition[]',
  ValidatingWebhook:
    '1 name string, 2 clientConfig WebhookClientConfig, 3 rules RuleWithOperations[], 4 failurePolicy string, 9 matchPolicy string, 5 namespaceSelector LabelSelector, 10 objectSelector LabelSelector, 6 sideEffects string, 7 timeoutSeconds int, 8 admissionReviewVersions string[], 11 matchConditions MatchCondition[]',
  ValidatingWebhookConfiguration: '1 metadata ObjectMeta, 2 webhooks ValidatingWebhook[]',
  Validation: '1 expression string, 2 message string, 3 reason string, 4 messageExpression string',
  Variable: '1 name string, 2 expression string',
  WebhookClientConfig: '3 url string, 1 service ServiceReference, 2 caBundle bytes',
}
