/** What review functions weigh: they start cold on somebody's money. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { build, type Metafile } from 'esbuild'

/**
 * What is read before the first review; what connects to a cluster is beside it, loaded by the first review that reads.
 * zod is 100 kB of it, hono 14, the kinds and what makes schemas of them 33, the operator's own files 14. The aim is 150:
 * what is between cannot be left out while authors write zod's usual form.
 */
const MOST_BYTES = { lambda: 213_000, cloudflare: 198_000 }

async function bundled(entry: string) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`functions/review/${entry}.ts`],
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
  })
  const first = firstOf(metafile, `out/${entry}.js`)
  const isFirst = ({ path }: { path: string }) => [...first].some((name) => path.endsWith(name))
  const text = outputFiles
    .filter(isFirst)
    .map((file) => file.text)
    .join('\n')
  return { text, inputs: [...first].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {})) }
}

/** An output and what it imports statically. */
function firstOf({ outputs }: Metafile, path: string, seen = new Set<string>()): Set<string> {
  seen.add(path)
  for (const { path: next, kind } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement' && !seen.has(next)) firstOf({ inputs: {}, outputs }, next, seen)
  return seen
}

describe('the bundle of a review function', () => {
  for (const entry of ['lambda', 'cloudflare'] as const)
    it(`${entry}: is small, and has neither the AWS SDK nor client-node nor what other stations need`, async (context) => {
      const { text, inputs } = await bundled(entry)
      context.diagnostic(`${entry}: ${text.length} bytes minified`)
      assert.ok(text.length <= MOST_BYTES[entry], `${text.length} bytes`)
      assert.ok(text.length > 50_000, 'it holds zod and hono at least')
      const strangers = inputs.filter((path) =>
        /@aws-sdk|aws4fetch|client-node|lib\/kube\/https|node-server|x509|cel-js|lib\/apiserver|sqlite/.test(
          path,
        ),
      )
      assert.deepEqual(strangers, [])
      assert.doesNotMatch(text, /from"node:/)
    })
})
