/** What the functions on AWS share. */
import type { Happening } from '../lib/index.ts'

/** One JSON line for each thing that happened: CloudWatch's Logs Insights reads its fields. */
export const reportJson = (happening: Happening): void => console.log(JSON.stringify(happening))
