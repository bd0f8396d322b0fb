/**
 * All kinds that the server knows without a CustomResourceDefinition.
 */

import type { ResourceType } from '../resource.ts'
import { configTypes } from './config.ts'
import { deploymentTypes } from './deployment.ts'
import { definitionType } from './definition.ts'
import { serviceType } from './service.ts'

/** A fresh list of the built-in kinds, one entry per served version. */
export const builtinTypes = (): ResourceType[] => [...configTypes, serviceType, ...deploymentTypes, definitionType]
