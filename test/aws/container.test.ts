import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readAws } from '../../functions/env.ts'
import { type ContainerPlace, containerCredentials } from '../../lib/aws/container.ts'
import { scratchFolder } from '../scratch.ts'

const HOUR = 3_600_000
const LOCAL = 'http://169.254.170.2/v2/credentials/x'

/** An address that answers with credentials which end an hour after they were asked for. */
function start(place: Partial<ContainerPlace> = {}, answer?: Response) {
  const asked: { url: string; authorization: string | null }[] = []
  const time = { now: 0, isDown: false }
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    asked.push({ url: String(url), authorization: new Headers(init.headers).get('authorization') })
    if (time.isDown) throw new Error('connection refused')
    if (answer !== undefined) return answer
    const Expiration = new Date(time.now + HOUR).toISOString()
    return Response.json({
      AccessKeyId: `id${asked.length}`,
      SecretAccessKey: 's3cret',
      Token: 't',
      Expiration,
    })
  }
  const get = containerCredentials({ url: LOCAL, ...place }, { fetch, now: () => time.now })
  return { get, asked, time }
}

describe('credentials of a container', () => {
  it('are asked for once, and again five minutes before they end', async () => {
    const { get, asked, time } = start()
    const [first, second] = await Promise.all([get(), get()])
    assert.deepEqual([first.accessKeyId, second.accessKeyId], ['id1', 'id1'])
    assert.deepEqual([first.secretAccessKey, first.sessionToken], ['s3cret', 't'])
    assert.deepEqual(first.expiration, new Date(HOUR))
    time.now = HOUR - 5 * 60_000 - 1
    assert.equal((await get()).accessKeyId, 'id1')
    time.now += 1
    assert.equal((await get()).accessKeyId, 'id2')
    assert.equal(asked.length, 2)
  })

  it('serve until they end while new ones cannot be had', async () => {
    const { get, asked, time } = start()
    await get()
    time.isDown = true
    for (const now of [HOUR - 5 * 60_000, HOUR - 1]) {
      time.now = now
      assert.equal((await get()).accessKeyId, 'id1')
    }
    assert.equal(asked.length, 3, 'it is asked again each time')
    time.now = HOUR
    await assert.rejects(get(), /169\.254\.170\.2 does not answer/)
    time.isDown = false
    assert.equal((await get()).accessKeyId, 'id5')
  })

  it('show a token that is read each time', async () => {
    const tokenFile = join(scratchFolder(), 'token')
    const { get, asked, time } = start({ tokenFile })
    for (const token of ['one', 'two']) {
      writeFileSync(tokenFile, `${token}\n`)
      await get()
      time.now += HOUR
    }
    assert.deepEqual(
      asked.map(({ authorization }) => authorization),
      ['one', 'two'],
    )
  })

  it('are asked of nobody who is far away and has no TLS', async () => {
    const { get, asked } = start({ url: 'http://example.com/', token: 't0ken' })
    await assert.rejects(get(), /example\.com must be https/)
    assert.equal(asked.length, 0)
  })

  it('that are none are told by host and status, and asked for again', async () => {
    const { get, asked } = start({}, Response.json({ SecretAccessKey: 's3cret' }, { status: 500 }))
    await assert.rejects(get(), (error: Error) => {
      assert.match(error.message, /169\.254\.170\.2 answers 500/)
      assert.doesNotMatch(error.message, /s3cret/)
      return true
    })
    await assert.rejects(get())
    assert.equal(asked.length, 2)
  })
})

describe('where they are', () => {
  const placeIn = (env: Record<string, string>) => readAws({ AWS_REGION: 'eu-west-1', ...env })?.container

  it('is said by ECS as a path, by EKS as an address and a file', () => {
    assert.deepEqual(placeIn({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' }), {
      url: 'http://169.254.170.2/v2/x',
      token: undefined,
      tokenFile: undefined,
    })
    assert.deepEqual(
      placeIn({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/token',
      }),
      { url: 'http://169.254.170.23/v1/credentials', token: undefined, tokenFile: '/var/run/token' },
    )
  })

  it('does not matter where keys are given', () => {
    assert.equal(placeIn({}), undefined)
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' }
    assert.equal(placeIn(keys), undefined)
  })
})
