/** The queue on Durable Objects, in workerd, by the contract of all queues: real objects, real storage, real alarms. */
import { after } from 'node:test'
import { queueContract } from '../queue.contract.ts'
import { startStage } from './durable/stage.ts'

const stage = await startStage()
after(() => stage[Symbol.asyncDispose]())

queueContract('the queue on Durable Objects (R26)', async () => stage.scene())
