/** An operator for counting: it tells a server of the test when each run begins and ends, and dies where that says so. */
import { request } from 'node:http'
import * as z from 'zod'
import { defineController, defineKind, defineOperator } from '../../lib/index.ts'

export const Tally = defineKind({
  group: 'counting.fairlead.dev',
  kind: 'Tally',
  scope: 'Namespaced',
  versions: {
    v1: {
      storage: true,
      spec: z.object({ round: z.int() }),
      status: z.object({ round: z.int().optional() }),
    },
  },
})

/** Tells the test's server; resolves with its answer. */
const tell = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(`${process.env.COUNTER}/${path}`, { method: 'POST' }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end()
  })

export const operator = defineOperator('counting', [
  defineController(Tally, {
    name: 'tally',
    async reconcile({ metadata: { name }, spec }, { status }) {
      if ((await tell(`begin/${name}`)) === 'die') process.kill(process.pid, 'SIGKILL')
      status({ round: spec.round })
      await tell(`end/${name}`)
    },
  }),
])
