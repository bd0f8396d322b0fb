/** What review functions weigh: they start cold on somebody's money. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { build } from 'esbuild'

/**
 * zod is 100 kB of it, hono 14, the kinds and what makes schemas of them 33, the operator's own files 14. The aim is 150:
 * what is between cannot be left out while authors write zod's usual form.
 */
const MOST_BYTES = 198_000

async function bundled(entry: string) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`functions/review/${entry}.ts`],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
  })
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) }
}

describe('the bundle of a review function', () => {
  for (const entry of ['lambda', 'cloudflare'])
    it(`${entry}: is small, and has neither the AWS SDK nor client-node nor what other stations need`, async (context) => {
      const { text, inputs } = await bundled(entry)
      context.diagnostic(`${entry}: ${text.length} bytes minified`)
      assert.ok(text.length <= MOST_BYTES, `${text.length} bytes`)
      assert.ok(text.length > 50_000, 'it holds zod and hono at least')
      const strangers = inputs.filter((path) =>
        /@aws-sdk|client-node|node-server|x509|cel-js|lib\/apiserver|sqlite/.test(path),
      )
      assert.deepEqual(strangers, [])
      assert.doesNotMatch(text, /from"node:/)
    })
})
