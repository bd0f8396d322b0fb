/**
 * An S3 bucket in memory behind the port to AWS. It exists because fauxqs takes a PUT with `If-None-Match` as if it had none, and
 * because a test must be able to lose an answer, or to end a process between two calls. Conditional PUTs and paged lists are as
 * S3 documents them.
 */
import type { Aws, AwsRequest } from '../../lib/aws.ts'

export interface Bucket {
  readonly aws: Aws
  /** By key. */
  readonly objects: Map<string, { body: Uint8Array<ArrayBuffer>; writtenAt: number }>
  /** `PUT journal/000000000001`, ...: what was asked, keys without their folder. */
  readonly calls: string[]
  /** Called with each call before it is done; a throw ends it there. With `after` its answer is lost instead. */
  onCall: (call: string) => { readonly after: Error } | undefined
}

export function memoryBucket(now: () => number, pageSize = 1000): Bucket {
  const objects: Bucket['objects'] = new Map()
  const answer = (request: AwsRequest): Response => {
    const { pathname, searchParams } = new URL(request.url)
    const key = pathname.slice(1)
    if (searchParams.has('list-type')) return list(searchParams)
    const known = objects.get(key)
    switch (request.method) {
      case 'PUT':
        if (request.headers?.['if-none-match'] === '*' && known !== undefined)
          return new Response('<Error><Code>PreconditionFailed</Code></Error>', { status: 412 })
        objects.set(key, { body: new Uint8Array(request.body as Uint8Array), writtenAt: now() })
        return new Response('')
      case 'DELETE':
        objects.delete(key)
        return new Response(null, { status: 204 })
      default:
        return known === undefined ? new Response('', { status: 404 }) : new Response(known.body)
    }
  }
  const list = (query: URLSearchParams): Response => {
    const keys = [...objects.keys()]
      .filter(
        (key) => key.startsWith(query.get('prefix') ?? '') && key > (query.get('continuation-token') ?? ''),
      )
      .sort()
    const page = keys.slice(0, pageSize).map((key) => {
      const { body, writtenAt } = objects.get(key) ?? { body: [], writtenAt: 0 }
      return `<Contents><Key>${key}</Key><Size>${body.length}</Size><LastModified>${new Date(writtenAt).toISOString()}</LastModified></Contents>`
    })
    const next =
      keys.length > pageSize ? `<NextContinuationToken>${keys[pageSize - 1]}</NextContinuationToken>` : ''
    return new Response(`<ListBucketResult>${page.join('')}${next}</ListBucketResult>`)
  }
  const aws: Aws = {
    region: 'eu-west-1',
    credentials: async () => ({ accessKeyId: 'A', secretAccessKey: 'S' }),
    override: () => undefined,
    presign: async () => '',
    async fetch(_service, request) {
      const url = new URL(request.url)
      const call = url.searchParams.has('list-type')
        ? 'LIST'
        : `${request.method} ${url.pathname.split('/').slice(-2).join('/')}`
      bucket.calls.push(call)
      const lost = bucket.onCall(call)
      const response = answer(request)
      if (lost !== undefined) throw lost.after
      return response
    },
  }
  const bucket: Bucket = { aws, objects, calls: [], onCall: () => undefined }
  return bucket
}
