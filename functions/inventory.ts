/** The inventory of a scheduled relay, from FAIRLEAD_INVENTORY. */
import { randomUUID } from 'node:crypto'
import { systemClock as clock } from '../lib/clock.ts'
import { parseS3Url, type S3Inventory, s3Inventory } from '../lib/inventory/s3.ts'
import { type FunctionAws, openAws } from './clusters.ts'
import { readInventory } from './env.ts'

/**
 * Opens it without a request. Kept for as long as the process lives: what it remembers is what makes the next run cheap.
 * `onTrouble` is told of a snapshot that could not be made. Throws an Error that names the setting.
 */
export function openFunctionInventory(
  onTrouble: (error: unknown) => void,
  { aws }: Pick<FunctionAws, 'aws'> = openAws(),
): S3Inventory {
  const setting = readInventory()
  if (setting === undefined) throw new Error('FAIRLEAD_INVENTORY is not set: s3://bucket/prefix')
  return s3Inventory({ ...parseS3Url(setting), aws, clock, writer: randomUUID(), onTrouble })
}
