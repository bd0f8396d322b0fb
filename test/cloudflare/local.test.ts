/** Workers of a local Cloudflare behind a URL: what goes through, and what whoever asks learns of a Worker that fails. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startLocalWorkers } from '../../infra/cloudflare/local/workers.ts'
import { REVIEW_KEYS } from './stage.ts'

const startReview = async (keys: string) => {
  const lines: string[] = []
  const secrets = { FAIRLEAD_REVIEW_KEYS: keys }
  const workers = await startLocalWorkers({ secrets, only: ['review'], log: (line) => lines.push(line) })
  const url = await workers.serve('review')
  return { lines, url, close: workers.close, [Symbol.asyncDispose]: workers.close }
}

describe('a Worker behind a URL', () => {
  it('answers with its own status, headers and body', async () => {
    await using review = await startReview(REVIEW_KEYS)
    const { url } = review
    const alive = await fetch(`${url}/healthz`)
    assert.deepEqual([alive.status, await alive.text()], [200, 'ok'])
    const lost = await fetch(`${url}/v1/default/k1/AAAA/validate/myapp`, { method: 'POST', body: '{}' })
    assert.equal(lost.status, 404)
    await review.close()
    await assert.rejects(fetch(url))
  })

  it('is a 500 without particulars where it throws, which the log has', async () => {
    await using review = await startReview('k1=short')
    const { url, lines } = review
    const failed = await fetch(`${url}/healthz`)
    assert.deepEqual([failed.status, await failed.text()], [500, ''])
    assert.match(lines.join('\n'), /^review: Error: review keys: the secret of "k1" must be base64url of 32/)
  })
})
