/** Where the embedded server answers otherwise than the transcripts, and why. What is not listed here must be equal. */
import type { Intended } from './replay/judge.ts'

const DISCOVERY = 'Discovery does not list every subresource, and OpenAPI leaves descriptions out.'
const COMPACTION = 'Forgetting history takes what a watch cache would still have, and offers no way to go on.'

export const DIFFERENCES: readonly Intended[] = [
  { scenario: 'discovery-aggregated', steps: ['03'], reason: DISCOVERY },
  { scenario: 'discovery-openapi', steps: ['04', '05', '06'], reason: DISCOVERY },
  { scenario: 'compaction-continue', steps: ['12', '13'], reason: COMPACTION },
  { scenario: 'compaction-watch', steps: ['09'], reason: COMPACTION },
]
