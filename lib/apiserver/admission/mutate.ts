/**
 * Mutating webhooks: one after the other, each sees what the earlier ones changed. When a later one changes the object,
 * those before it that wish so are asked once more.
 */
import type { JsonObject } from '../resource.ts'
import type { Server } from '../server.ts'
import { ask, CallFailure, internalError } from './ask.ts'
import type { Attributes } from './attributes.ts'
import { type Hook, hooksOf } from './hooks.ts'
import { chosenType, isExempt, meetsConditions } from './match.ts'
import { patchedBy } from './patch.ts'
import type { Seen } from './review.ts'
import { type View, viewOf } from './view.ts'

/**
 * The object as the webhooks leave it, or undefined, at once, when none is meant. Rejects with the Status of a refusal or
 * of a failure.
 */
export function mutate(server: Server, attributes: Attributes): Promise<JsonObject | undefined> | undefined {
  if (isExempt(attributes.type)) return undefined
  const hooks = hooksOf(server, 'Mutating')
  if (!hooks.some((hook) => chosenType(server, hook, attributes) !== undefined)) return undefined
  return mutateBy(server, hooks, attributes)
}

/** Who is asked again in the second round. */
interface Reinvocation {
  /** Those who were asked and would want to know. */
  readonly interested: Set<string>
  readonly due: Set<string>
}

async function mutateBy(
  server: Server,
  hooks: readonly Hook[],
  attributes: Attributes,
): Promise<JsonObject | undefined> {
  const view = viewOf(server, attributes)
  const again: Reinvocation = { interested: new Set(), due: new Set() }
  const isChanged = await round(server, hooks, { attributes, view, again })
  if (isChanged && again.due.size > 0) {
    const due = hooks.filter(({ id }) => again.due.has(id))
    await round(server, due, { attributes, view, again })
  }
  return view.object()
}

interface Round {
  readonly attributes: Attributes
  readonly view: View
  readonly again: Reinvocation
}

/** True when the object changed. */
async function round(server: Server, hooks: readonly Hook[], { attributes, view, again }: Round) {
  let isChanged = false
  let current = attributes
  for (const hook of hooks) {
    const type = chosenType(server, hook, current)
    if (type === undefined) continue
    const seen = await view.as(type)
    if (!meetsConditions(server, hook, current, seen)) continue
    const changed = await changedBy(server, hook, current, seen)
    if (changed !== undefined) {
      isChanged = true
      view.change(type, changed)
      current = { ...current, object: changed }
      for (const id of again.interested) again.due.add(id)
      again.interested.clear()
    }
    if (hook.isReinvoked) again.interested.add(hook.id)
  }
  return isChanged
}

async function changedBy(
  server: Server,
  hook: Hook,
  attributes: Attributes,
  seen: Seen,
): Promise<JsonObject | undefined> {
  try {
    const decision = await ask(server, hook, attributes, { seen, isMutating: true })
    if (decision.refusal !== undefined) throw decision.refusal
    return patchedBy(server, hook, decision, seen, attributes.subresource)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    if (hook.fails) throw internalError(error.message)
    return undefined
  }
}
