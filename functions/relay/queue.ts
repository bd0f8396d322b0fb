/** Where a relay sends: to SQS, or to an ingress. */
import { readFile } from 'node:fs/promises'
import { type Queue, systemClock as clock } from '../../lib/index.ts'
import { type Credentials, ingressQueue } from '../../lib/ingress/send.ts'
import { LEAST_BYTES, parseSecret } from '../../lib/mac.ts'
import { sqsQueue } from '../../lib/queue/sqs.ts'
import { openSqs } from '../aws.ts'
import type { IngressOptions } from './options.ts'

/** The queue of a resident relay. Rejects where it cannot be meant, or a file cannot be read; says nothing of what is in it. */
export async function queueOf(ingress: IngressOptions | undefined): Promise<Queue> {
  if (ingress === undefined) return sqsQueue(openSqs())
  return ingressQueue({ url: ingress.url, credentials: await credentialsOf(ingress.proof), clock })
}

async function credentialsOf({ type, file }: IngressOptions['proof']): Promise<Credentials> {
  const text = await readFile(file, 'utf8')
  // The kubelet renews a token: what was read now is for this look only.
  if (type === 'token') return { token: () => readFile(file, 'utf8') }
  const [, id = '', secret = ''] = /^([^=\s]+)=(\S+)\s*$/.exec(text) ?? []
  const bytes = parseSecret(secret)
  if (bytes === undefined)
    throw new Error(`${file} must hold SENDER/ID=base64url, of ${LEAST_BYTES} bytes at least`)
  return { key: { id, secret: bytes } }
}
