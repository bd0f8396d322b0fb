/**
 * The finalizer of a controller on an object: there before any side effect, gone after cleanup. Writes carry the uid and
 * the resourceVersion that was read, so that other controllers' finalizers are never overwritten.
 */
import type { Kube, KubeObject } from '../kube.ts'
import type { Controller } from '../operator.ts'

export const hasFinalizer = (object: KubeObject, controller: Pick<Controller, 'finalizer'>): boolean =>
  object.metadata.finalizers?.includes(controller.finalizer) ?? false

/** Adds the controller's finalizer; throws a conflict when the object changed since it was read. */
export const addFinalizer = <T extends KubeObject>(
  object: T,
  controller: Controller<T>,
  api: Kube,
): Promise<T> =>
  writeFinalizers(object, [...(object.metadata.finalizers ?? []), controller.finalizer], { controller, api })

/** Removes it, every copy of it; throws a conflict when the object changed since it was read. */
export const removeFinalizer = <T extends KubeObject>(
  object: T,
  controller: Controller<T>,
  api: Kube,
): Promise<T> =>
  writeFinalizers(
    object,
    (object.metadata.finalizers ?? []).filter((name) => name !== controller.finalizer),
    { controller, api },
  )

function writeFinalizers<T extends KubeObject>(
  object: T,
  finalizers: readonly string[],
  { controller, api }: { controller: Controller<T>; api: Kube },
): Promise<T> {
  const { uid, resourceVersion } = object.metadata
  return api.patch(
    controller.kind,
    object.metadata,
    { type: 'merge', body: { metadata: { uid, resourceVersion, finalizers } } },
    { fieldManager: controller.fieldManager },
  )
}
