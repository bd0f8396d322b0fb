/** Objects that a kube-apiserver refuses, and how its complaints begin: a test for each. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type ApiServer, startApiServer } from '../../lib/apiserver/index.ts'
import { apiOf } from './client.ts'

/** What an object says besides its name, and the complaints. */
export type Row = readonly [object: Record<string, unknown>, complaints: readonly string[]]

interface Cause {
  readonly field: string
  readonly message: string
}

/** To be called within `describe`; rows by where the objects are sent. */
export function refusals(rows: Readonly<Record<string, readonly Row[]>>): void {
  let server: ApiServer
  before(async () => {
    server = await startApiServer()
  })
  after(() => server.close())
  for (const [path, ofPath] of Object.entries(rows))
    for (const [given, complaints] of ofPath)
      it(`are told what is wrong with ${path.split('/').at(-1)} of ${JSON.stringify(given)}`, async () => {
        const object = { metadata: { name: 'x' }, ...given }
        const { status, body } = await apiOf(server).post(`${path}?dryRun=All`, object)
        assert.equal(status, 422)
        const causes = body.details.causes as Cause[]
        assert.deepEqual(
          causes.map(({ field, message }, index) =>
            `${field}: ${message}`.slice(0, complaints[index]?.length),
          ),
          complaints,
        )
      })
}
