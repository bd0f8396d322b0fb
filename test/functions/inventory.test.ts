import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { startFauxqs } from 'fauxqs'
import { openFunctionInventory } from '../../functions/inventory.ts'

const SETTINGS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' }

describe('the inventory of a function', () => {
  afterEach(() => {
    for (const name of [...Object.keys(SETTINGS), 'AWS_ENDPOINT_URL_S3', 'FAIRLEAD_INVENTORY'])
      delete process.env[name]
  })

  it('is where FAIRLEAD_INVENTORY says, and is found again', async () => {
    const server = await startFauxqs({ port: 0, logger: false })
    server.createBucket('state')
    const AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${server.port}`
    Object.assign(process.env, {
      ...SETTINGS,
      AWS_ENDPOINT_URL_S3,
      FAIRLEAD_INVENTORY: 's3://state/fairlead',
    })
    const open = () => openFunctionInventory((error) => assert.fail(String(error)))
    const cursor = { resourceVersion: '1' }
    await open().commit('pods', { puts: new Map([['a', 'b']]), deletes: [], cursor })
    assert.deepEqual((await open().load('pods'))?.cursor, cursor)
    await server.stop()
  })

  it('is refused by the name of the setting', () => {
    assert.throws(() => openFunctionInventory(() => {}), /^Error: AWS_REGION is not set$/)
    Object.assign(process.env, SETTINGS)
    assert.throws(() => openFunctionInventory(() => {}), /^Error: FAIRLEAD_INVENTORY is not set/)
  })
})
