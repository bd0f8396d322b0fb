/** The objects of one folder of a bucket: put if absent, read, listed, deleted; gzip inside. It knows nothing of inventories. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { type Aws, awsFailure, domainOf } from '../../aws.ts'
import { DatabaseError } from '../../database.ts'

/** Where objects are: `s3://bucket/prefix`. */
export interface S3Place {
  readonly bucket: string
  /** Without a slash at its end; may be empty. */
  readonly prefix: string
}

/** A listed object; `key` is relative to the folder. */
export interface Listed {
  readonly key: string
  readonly bytes: number
  /** Milliseconds since the epoch, by S3's clock. */
  readonly writtenAt: number
}

export interface Folder {
  /** `s3://bucket/prefix/folder/`, for messages. */
  readonly url: string
  /** What is there, by key; pages are followed. */
  list(): Promise<Listed[]>
  /** `undefined`: there is none. */
  read(key: string): Promise<string | undefined>
  /** Writes an object, and says how many bytes; `undefined`: there is one already. */
  create(key: string, text: string): Promise<number | undefined>
  /** Writes an object, whatever was there. */
  write(key: string, text: string): Promise<number>
  remove(key: string): Promise<void>
}

/** A snapshot of several million fingerprints; what is longer is no inventory. */
const LONGEST_BYTES = 512 * 1024 * 1024

/** The fastest: a function has a part of a CPU, and S3 asks next to nothing for bytes. */
const LEVEL = 1

const zip = promisify<string, { level: number }, Buffer>(gzip)
const unzip = promisify(gunzip)

/** Parses `s3://bucket/prefix`. Throws an Error that names the rule. */
export function parseS3Url(text: string): S3Place {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._/-]*?))?\/*$/.exec(text) ?? []
  if (bucket === undefined || prefix.split('/').includes('..') || prefix.includes('//'))
    throw new Error(
      `the inventory must be s3://bucket/prefix, the prefix of letters, digits, dots, dashes and slashes, got ${text.slice(0, 100)}`,
    )
  return { bucket, prefix }
}

/** A folder below a place. */
export function openFolder(aws: Aws, { bucket, prefix }: S3Place, name: string): Folder {
  const path = `${prefix === '' ? '' : `${prefix}/`}${name}/`
  const root = rootOf(aws, bucket)
  const url = `s3://${bucket}/${path}`
  const put = async (key: string, text: string, headers: Record<string, string>) => {
    const body = new Uint8Array(await zip(text, { level: LEVEL }))
    const response = await aws.fetch('s3', { method: 'PUT', url: `${root}/${path}${key}`, body, headers })
    return { response, bytes: body.length }
  }
  return {
    url,
    list: () => listAll(aws, { root, path }),
    async read(key) {
      const response = await aws.fetch('s3', { method: 'GET', url: `${root}/${path}${key}` })
      if (response.status === 404) return void (await response.body?.cancel())
      if (!response.ok) throw await awsFailure('s3', response, `GetObject ${url}${key}`)
      return await unzipped(await response.arrayBuffer(), `${url}${key}`)
    },
    async create(key, text) {
      const { response, bytes } = await put(key, text, { 'if-none-match': '*' })
      if (!response.ok && response.status !== 412)
        throw await awsFailure('s3', response, `PutObject ${url}${key}`)
      await response.body?.cancel()
      return response.ok ? bytes : undefined
    },
    async write(key, text) {
      const { response, bytes } = await put(key, text, {})
      if (!response.ok) throw await awsFailure('s3', response, `PutObject ${url}${key}`)
      await response.body?.cancel()
      return bytes
    },
    async remove(key) {
      const response = await aws.fetch('s3', { method: 'DELETE', url: `${root}/${path}${key}` })
      if (!response.ok && response.status !== 404)
        throw await awsFailure('s3', response, `DeleteObject ${url}${key}`)
      await response.body?.cancel()
    },
  }
}

/** Where the bucket is: as a name where AWS has its certificates (one level), as a path where something stands in for S3. */
function rootOf(aws: Aws, bucket: string): string {
  const override = aws.override('s3')
  if (override !== undefined) return `${override}/${bucket}`
  const host = `s3.${aws.region}.${domainOf(aws.region)}`
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`
}

async function unzipped(data: ArrayBuffer, url: string): Promise<string> {
  try {
    return (await unzip(data, { maxOutputLength: LONGEST_BYTES })).toString()
  } catch (error) {
    throw damaged(url, error instanceof Error ? error.message : 'not gzip')
  }
}

/** What to do about an object that is not what was written. */
export const damaged = (url: string, detail: string): DatabaseError =>
  new DatabaseError(
    'damaged',
    `${url} is damaged (${detail.slice(0, 200)}): put it back from a version of it, or delete everything below ` +
      `${url.slice(0, url.lastIndexOf('/') + 1)} to start this source afresh. A fresh start looks at every object once; ` +
      'deletions that nobody has seen yet are lost with the old one',
  )

async function listAll(
  aws: Aws,
  { root, path }: { readonly root: string; readonly path: string },
): Promise<Listed[]> {
  const listed: Listed[] = []
  let token: string | undefined
  do {
    const query = new URLSearchParams({ 'list-type': '2', prefix: path })
    if (token !== undefined) query.set('continuation-token', token)
    const response = await aws.fetch('s3', { method: 'GET', url: `${root}/?${query}` })
    if (!response.ok) throw await awsFailure('s3', response, `ListObjectsV2 ${path}`)
    const page = await response.text()
    for (const [, entry = ''] of page.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
      const key = field(entry, 'Key').slice(path.length)
      listed.push({
        key,
        bytes: Number(field(entry, 'Size')),
        writtenAt: Date.parse(field(entry, 'LastModified')),
      })
    }
    token = field(page, 'NextContinuationToken') || undefined
  } while (token !== undefined)
  return listed
}

/** The text of an element. Our keys and S3's tokens need one entity only. */
const field = (xml: string, name: string): string =>
  (new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '').replaceAll('&amp;', '&')
