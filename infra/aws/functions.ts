/** The functions of an operator on AWS, and what each may use: read by what bundles them, deploys them and runs them here. */

export interface FunctionSettings {
  /** The file that exports `handler`. */
  readonly entry: string
  readonly timeoutSeconds: number
  /** Memory, and with it the share of a CPU (1,769 MB are a whole one). */
  readonly memoryMb: number
  /** The settings that it reads (`functions/env.ts`). */
  readonly settings: readonly Setting[]
}

export type Setting =
  | 'FAIRLEAD_SQS_READY'
  | 'FAIRLEAD_SQS_DELAY'
  | 'FAIRLEAD_SQS_BACKGROUND'
  | 'FAIRLEAD_SQS_DEAD'
  | 'FAIRLEAD_CLUSTERS'
  | 'FAIRLEAD_INVENTORY'
  | 'FAIRLEAD_REVIEW_KEYS'
  | 'FAIRLEAD_INGRESS'

const SEND: readonly Setting[] = ['FAIRLEAD_SQS_READY', 'FAIRLEAD_SQS_DELAY', 'FAIRLEAD_SQS_BACKGROUND']

export const FUNCTIONS = {
  /** Triggered by the ready queue. */
  work: {
    entry: 'functions/work/lambda.ts',
    timeoutSeconds: 60,
    memoryMb: 256,
    settings: [...SEND, 'FAIRLEAD_SQS_DEAD', 'FAIRLEAD_CLUSTERS'],
  },
  /** Triggered by the delay queue and by the background queue. */
  promote: { entry: 'functions/promote/lambda.ts', timeoutSeconds: 30, memoryMb: 128, settings: SEND },
  /** Every minute; watches for most of it. */
  relay: {
    entry: 'functions/relay/lambda.ts',
    timeoutSeconds: 120,
    memoryMb: 256,
    settings: [...SEND, 'FAIRLEAD_CLUSTERS', 'FAIRLEAD_INVENTORY'],
  },
  /** Every ten hours. */
  resync: {
    entry: 'functions/resync/lambda.ts',
    timeoutSeconds: 900,
    memoryMb: 256,
    settings: [...SEND, 'FAIRLEAD_CLUSTERS'],
  },
  /** Behind a function URL. */
  review: {
    entry: 'functions/review/lambda.ts',
    timeoutSeconds: 10,
    memoryMb: 256,
    settings: ['FAIRLEAD_REVIEW_KEYS', 'FAIRLEAD_CLUSTERS'],
  },
  /** Behind a function URL. */
  ingress: {
    entry: 'functions/ingress/lambda.ts',
    timeoutSeconds: 30,
    memoryMb: 128,
    settings: [...SEND, 'FAIRLEAD_INGRESS'],
  },
} as const satisfies Record<string, FunctionSettings>

export type FunctionName = keyof typeof FUNCTIONS
