/** The environment of a function's process, as Lambda sets it. Nothing of the developer's own gets in. */
import { resolve } from 'node:path'

export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'

/** Enough for a client to sign with; nobody checks. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
}

export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`

/** What a process of function `name` sees; `api` is host and port of its Runtime API, `env` its own settings. */
export const environmentOf = (
  { name, folder, memoryMb, env }: Described,
  api: string,
): Record<string, string> => ({
  // There is no such folder, as on Lambda: no client finds files of somebody's home.
  HOME: '/home/sbx_user1051',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  ...CREDENTIALS,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  LAMBDA_TASK_ROOT: resolve(folder),
  _HANDLER: 'index.handler',
  ...env,
  AWS_LAMBDA_RUNTIME_API: api,
})

interface Described {
  readonly name: string
  /** The bundle: `index.mjs` in it exports `handler`. */
  readonly folder: string
  readonly memoryMb: number
  readonly env: Readonly<Record<string, string>>
}
