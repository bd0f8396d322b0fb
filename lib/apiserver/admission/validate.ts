/** Validating webhooks: all at the same time; all of their warnings are passed on, and the first refusal. */
import type { Server } from '../server.ts'
import { ask, CallFailure, internalError } from './ask.ts'
import type { Attributes } from './attributes.ts'
import { type Hook, hooksOf } from './hooks.ts'
import { chosenType, isExempt, meetsConditions } from './match.ts'
import type { Seen } from './review.ts'
import { viewOf } from './view.ts'

/** Undefined, at once, when no webhook is meant. Rejects with the Status of a refusal or of a failure. */
export function validate(server: Server, attributes: Attributes): Promise<void> | undefined {
  if (isExempt(attributes.type)) return undefined
  const hooks = hooksOf(server, 'Validating')
  if (!hooks.some((hook) => chosenType(server, hook, attributes) !== undefined)) return undefined
  return validateBy(server, hooks, attributes)
}

async function validateBy(server: Server, hooks: readonly Hook[], attributes: Attributes): Promise<void> {
  const view = viewOf(server, attributes)
  const meant: { hook: Hook; seen: Seen }[] = []
  for (const hook of hooks) {
    const type = chosenType(server, hook, attributes)
    if (type === undefined) continue
    const seen = await view.as(type)
    if (meetsConditions(server, hook, attributes, seen)) meant.push({ hook, seen })
  }
  const failures: unknown[] = []
  await Promise.all(
    meant.map(({ hook, seen }) =>
      check(server, hook, attributes, seen).catch((error: unknown) => {
        failures.push(error)
      }),
    ),
  )
  if (failures.length > 0) throw failures[0]
}

async function check(server: Server, hook: Hook, attributes: Attributes, seen: Seen): Promise<void> {
  try {
    const { refusal } = await ask(server, hook, attributes, { seen, isMutating: false })
    if (refusal !== undefined) throw refusal
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    if (hook.fails) throw internalError(error.message)
  }
}
