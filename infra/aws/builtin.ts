/**
 * Node's `http` without its ES module: that one reads every export when it is made, `WebSocket` among them, which loads all of
 * undici. A fifth of the cold start of whoever calls an API server and has no use for `fetch`.
 */
import type { Plugin } from 'esbuild'

export const plainHttp: Plugin = {
  name: 'plain http',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'require-call' ? undefined : { path: 'http', namespace: 'builtin' },
    )
    onLoad({ filter: /^http$/, namespace: 'builtin' }, () => ({
      contents: `module.exports = process.getBuiltinModule('node:http')`,
    }))
  },
}
