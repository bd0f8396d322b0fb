/**
 * What a function leaves out because it was done when the function was bundled. The operator is loaded then: its kinds are
 * checked and their schemas made, and the bundle holds the schemas instead of what makes them, and nothing of zod's way to
 * JSON Schema.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { OnLoadResult, Plugin } from 'esbuild'
import { DECLARE, declaredBy } from './declarations.ts'
import { literalText } from './literal.ts'

const OPERATOR = resolve(import.meta.dirname, '../../functions/operator.ts')

/** The rules of controllers and operators. */
const CHECK = resolve(import.meta.dirname, '../../lib/operator/check.ts')
const CHECKS = ['checkController', 'checkOperator', 'checkSelector', 'checkWatched']

/**
 * `operator`: the module whose kinds there are (default `functions/operator.ts`). It is loaded in a process of its own, with
 * this one's environment: the schemas are what they are there. The build fails where a kind would be refused, and where a
 * new zod keeps elsewhere what is to be left out.
 */
export const declared = (operator: string = OPERATOR): Plugin => ({
  name: 'declared',
  setup(build) {
    for (const file of [DECLARE, CHECK])
      if (!existsSync(file)) throw new Error(`${file} is not there: what functions leave out has moved`)
    build.initialOptions.metafile = true
    let replaced = new Set<string>()
    build.onStart(() => {
      replaced = new Set()
    })
    build.onLoad({ filter: /[\\/]lib[\\/]kind[\\/]declare\.ts$/ }, ({ path }) =>
      path === DECLARE ? loadDeclared(operator) : undefined,
    )
    build.onLoad({ filter: /[\\/]lib[\\/]operator[\\/]check\.ts$/ }, ({ path }) =>
      path === CHECK ? { contents: `export const ${CHECKS.map((name) => `${name} = () => {}`)}` } : undefined,
    )
    build.onLoad({ filter: ZOD_JSON_SCHEMA }, async ({ path, suffix }) => {
      if (suffix === WHOLE) return undefined
      replaced.add(nameOf(path))
      return { contents: refusing(path, Object.keys(await import(pathToFileURL(path).href))), loader: 'js' }
    })
    build.onEnd(({ metafile }) => {
      const hasZod = Object.keys(metafile?.inputs ?? {}).some((path) => ZOD_SCHEMAS.test(path))
      const missing = hasZod ? ZOD_FILES.filter((file) => !replaced.has(file)) : []
      return {
        errors: missing.map((file) => ({
          text: `zod has no v4/core/${file} any more: see infra/aws/declared.ts`,
        })),
      }
    })
  },
})

/** What is wrong with an operator is said in its own words alone: the stack would be that of what bundles. */
const loadDeclared = (operator: string): Promise<OnLoadResult> =>
  declaredText(operator).then(
    (contents) => ({ contents }),
    (error: Error) => ({ errors: [{ text: error.message }] }),
  )

/** In place of what makes declarations: they are made of the definition and of what was found when it was bundled. */
const declaredText = async (operator: string): Promise<string> => `
${literalText('kinds', await declaredBy(operator))}
const way = 'was not there when this function was bundled: define it in a module that the operator imports, always, and bundle again'
export function declarationOf({ group, kind, scope, versions }) {
  const declared = Object.hasOwn(kinds, kind + '.' + group) ? kinds[kind + '.' + group] : undefined
  if (!declared) throw new Error(\`Kind "\${kind}" of \${group} \${way}\`)
  const toVersion = ([name, version]) => {
    if (!Object.hasOwn(declared.versions, name)) throw new Error(\`Kind "\${kind}": \${name} \${way}\`)
    return { ...version, name, ...declared.versions[name] }
  }
  return { ...declared, group, kind, scope, versions: Object.entries(versions).map(toVersion) }
}`

const ZOD_SCHEMAS = /[\\/]zod[\\/]v4[\\/]classic[\\/]schemas\.c?js$/
const ZOD_JSON_SCHEMA = /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/
const ZOD_FILES = ['to-json-schema.js', 'json-schema-processors.js']
const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? ''

/** Asks for a file as it is. */
const WHOLE = '?whole'

/** What zod's other parts call as well: `schema.minLength` is told by it. */
const KEPT = 'aggregateChecks'

/** A module with the same exports, that refuse when they are called. */
function refusing(path: string, names: readonly string[]): string {
  if (nameOf(path) === 'json-schema-processors.js' && !names.includes(KEPT))
    throw new Error(`zod has no ${KEPT} in ${path} any more: see infra/aws/declared.ts`)
  return [
    'const refuse = () => { throw new Error("JSON Schema of zod is left out of functions: make it before, and bundle the result") }',
    ...names.map((name) => {
      if (name === KEPT) return `export { ${name} } from ${JSON.stringify(`${path}${WHOLE}`)}`
      return `export const ${name} = ${name.startsWith('create') ? '() => refuse' : 'refuse'}`
    }),
  ].join('\n')
}
