/** The inventory of FAIRLEAD_INVENTORY. */
import { randomUUID } from 'node:crypto'
import { systemClock as clock } from '../../lib/index.ts'
import { parseS3Url, type S3Inventory, s3Inventory } from '../../lib/inventory/s3.ts'
import { openAws } from '../clusters.ts'
import { readInventory } from '../env.ts'

/** Undefined where the setting is not there. `onTrouble` is told of what is tried again. */
export function openInventory(
  onTrouble: (error: unknown) => void,
): { readonly store: S3Inventory; readonly where: string } | undefined {
  const where = readInventory()
  if (where === undefined) return undefined
  const { aws } = openAws()
  return { where, store: s3Inventory({ ...parseS3Url(where), aws, clock, writer: randomUUID(), onTrouble }) }
}
