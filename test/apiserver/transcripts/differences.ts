/** Where the embedded server answers otherwise than the transcripts, and why. What is not listed here must be equal. */
import type { Intended } from './replay/judge.ts'

const DISCOVERY = 'Discovery does not list every subresource, and OpenAPI leaves descriptions out.'

export const DIFFERENCES: readonly Intended[] = [
  { scenario: 'discovery-aggregated', steps: ['03'], reason: DISCOVERY },
  { scenario: 'discovery-openapi', steps: ['04', '05', '06'], reason: DISCOVERY },
]
