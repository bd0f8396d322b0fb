/** Where the embedded server answers otherwise than the transcripts, and why. What is not listed here must be equal. */
import type { Intended } from './replay/judge.ts'

export const DIFFERENCES: readonly Intended[] = []
