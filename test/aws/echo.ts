/** A function for tests: does what its event says. */
import type { Context } from 'aws-lambda'

interface Order {
  readonly do?: 'echo' | 'throw' | 'exit' | 'hang' | 'environment' | 'context' | 'reject'
  readonly with?: unknown
}

const bornAt = Date.now()
let count = 0

export async function handler(order: Order, context: Context): Promise<unknown> {
  count++
  switch (order.do) {
    case 'throw':
      throw new RangeError(String(order.with))
    case 'exit':
      return process.exit(Number(order.with))
    case 'reject':
      void Promise.reject(new Error('nobody waited'))
      return await new Promise(() => setInterval(() => {}, 1000))
    case 'hang':
      console.log('hanging')
      return await new Promise(() => setInterval(() => {}, 1000))
    case 'environment':
      return { ...process.env }
    case 'context':
      return { ...context, remaining: context.getRemainingTimeInMillis(), bornAt }
    default:
      return { echo: order.with, pid: process.pid, count }
  }
}
