/** The operator under torture as the Workers are bundled with it: what it notes is posted to whoever tortures. */
import { tortureOperator } from '../operator.ts'
import { life } from './life.ts'

export const operator = tortureOperator(async (entry) => {
  const body = JSON.stringify({ at: Date.now(), pid: life.getStore(), ...entry })
  const { status } = await fetch(process.env.TORTURE_JOURNAL ?? '', { method: 'POST', body })
  if (status !== 200) throw new Error(`the journal answers ${status}`)
})
