/** The authorizer library of Kubernetes' CEL. Everybody may do everything here, so that every check is allowed. */
import type { Environment } from './environment.ts'

// CEL tells types by their constructor.
class Authorizer {
  readonly kind = 'Authorizer'
}
class Check {
  readonly kind = 'Check'
}
class Decision {
  readonly kind = 'Decision'
}

/** The value of the variable `authorizer`. */
export const authorizer = new Authorizer()

const AUTHORIZER = 'kubernetes.authorization.Authorizer'
const CHECK = 'kubernetes.authorization.ResourceCheck'
const DECISION = 'kubernetes.authorization.Decision'

/** Declares the types, the functions and the variable `authorizer`. */
export function addAuthorizer(environment: Environment): void {
  const check = new Check()
  const decision = new Decision()
  environment.registerType(AUTHORIZER, Authorizer)
  environment.registerType(CHECK, Check)
  environment.registerType(DECISION, Decision)
  environment.registerVariable('authorizer', AUTHORIZER)
  const method = (on: string, name: string, takes: number, gives: string, value: unknown) =>
    environment.registerFunction({
      name,
      receiverType: on,
      returnType: gives,
      params: Array.from({ length: takes }, (_, index) => ({ name: `argument${index}`, type: 'string' })),
      handler: () => value,
    })
  method(AUTHORIZER, 'group', 1, CHECK, check)
  method(AUTHORIZER, 'path', 1, CHECK, check)
  method(AUTHORIZER, 'serviceAccount', 2, AUTHORIZER, authorizer)
  for (const name of ['resource', 'subresource', 'namespace', 'name', 'fieldSelector', 'labelSelector'])
    method(CHECK, name, 1, CHECK, check)
  method(CHECK, 'check', 1, DECISION, decision)
  method(DECISION, 'allowed', 0, 'bool', true)
  method(DECISION, 'errored', 0, 'bool', false)
  method(DECISION, 'error', 0, 'string', '')
  method(DECISION, 'reason', 0, 'string', '')
}
