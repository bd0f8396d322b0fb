/**
 * What `kubectl get --subresource=scale` shows.
 */
import { ageColumn, nameColumn } from '../kinds/columns.ts'
import type { Column, ResourceType } from '../resource.ts'
import { numberIn, whole } from './column.ts'

const ofBuiltin: Column[] = [
  { ...nameColumn, format: '' },
  whole(
    'Desired',
    'replicas is the desired number of instances for the scaled object.',
    numberIn('spec.replicas'),
  ),
  whole(
    'Available',
    'replicas is the actual number of observed instances of the scaled object.',
    numberIn('status.replicas'),
  ),
  ageColumn,
]

const customColumns: Column[] = [
  nameColumn,
  { ...whole('Desired', 'Number of desired replicas', () => null), value: '.spec.replicas' },
  { ...whole('Available', 'Number of actual replicas', () => null), value: '.status.replicas' },
  { ...ageColumn, type: 'date' },
]

/** autoscaling/v1 Scale as a kind of its own, as far as it is printed: the scale of objects of `type`. */
export const scaleTypeOf = (type: ResourceType): ResourceType => ({
  ...type,
  group: type.custom ? 'v1' : 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  custom: false,
  columns: type.custom ? customColumns : ofBuiltin,
})
