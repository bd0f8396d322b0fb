/** Conditions as Kubernetes writes them (metav1.Condition), and the status fields that the framework keeps. */
import * as z from 'zod'
import { listMap } from './field.ts'

const conditionSchema = z.object({
  type: z
    .string()
    .max(316)
    .regex(
      /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
    ),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().min(0).meta({ format: 'int64' }).optional(),
  lastTransitionTime: z.string().meta({ format: 'date-time' }),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32768),
})

/** One condition of an object. */
export type Condition = z.infer<typeof conditionSchema>

/**
 * The status fields that the framework keeps: `status: z.object({ ready: z.int(), ...conditions })`. Spreading them is
 * optional, every kind with a status has them; it makes plain where `conditions` comes from.
 */
export const conditions = {
  observedGeneration: z.int().min(0).meta({ format: 'int64' }).optional(),
  conditions: listMap('type', conditionSchema).optional(),
}
