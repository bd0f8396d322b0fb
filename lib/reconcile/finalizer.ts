/**
 * The finalizer of a controller on an object: there before any side effect, gone after cleanup. Writes carry the uid and
 * the resourceVersion that was read, so that other controllers' finalizers are never overwritten.
 */
import { isNotFound, type Kube, type KubeObject } from '../kube.ts'
import type { Controller } from '../operator.ts'

export const hasFinalizer = (object: KubeObject, controller: Pick<Controller, 'finalizer'>): boolean =>
  object.metadata.finalizers?.includes(controller.finalizer) ?? false

/** Adds the controller's finalizer; undefined when the object is gone. Throws a conflict when it changed since it was read. */
export const addFinalizer = <T extends KubeObject>(
  object: T,
  controller: Controller<T>,
  api: Kube,
): Promise<T | undefined> =>
  writeFinalizers(object, [...(object.metadata.finalizers ?? []), controller.finalizer], { controller, api })

/** Removes it, every copy of it; undefined when the object is gone. Throws a conflict when it changed since it was read. */
export const removeFinalizer = <T extends KubeObject>(
  object: T,
  controller: Controller<T>,
  api: Kube,
): Promise<T | undefined> =>
  writeFinalizers(
    object,
    (object.metadata.finalizers ?? []).filter((name) => name !== controller.finalizer),
    { controller, api },
  )

async function writeFinalizers<T extends KubeObject>(
  object: T,
  finalizers: readonly string[],
  { controller, api }: { controller: Controller<T>; api: Kube },
): Promise<T | undefined> {
  const { uid, resourceVersion } = object.metadata
  try {
    return await api.patch(
      controller.kind,
      object.metadata,
      { type: 'merge', body: { metadata: { uid, resourceVersion, finalizers } } },
      { fieldManager: controller.fieldManager },
    )
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
