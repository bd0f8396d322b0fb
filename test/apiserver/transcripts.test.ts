/**
 * Every transcript of a real API server against the embedded one, each against a fresh server of its own. What differs and is
 * not in `transcripts/differences.ts` fails, with its step, request, place, and both values.
 */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { startApiServer } from '../../lib/apiserver/index.ts'
import { DIFFERENCES } from './transcripts/differences.ts'
import { loadSource } from './transcripts/record/load.ts'
import { connectTo } from './transcripts/replay/connect.ts'
import { judge } from './transcripts/replay/judge.ts'
import { replay } from './transcripts/replay/run.ts'
import { readScenario, type Scenario } from './transcripts/replay/scenario.ts'
import { startWebhooks } from './transcripts/replay/webhooks.ts'

/** Most of their time scenarios wait, for the silence of a watch or for a version from the future. */
const AT_ONCE = 16

const FOLDER = join(import.meta.dirname, 'transcripts')

const webhooks = await startWebhooks()
after(() => webhooks.close())

interface Recording {
  readonly scenario: Scenario
  /** The server that was recorded had its controllers beside it. */
  readonly controllers: boolean
}

const recordings: Recording[] = globSync('{,gc/,compaction/}*.json', { cwd: FOLDER })
  .map((file) => ({ scenario: readScenario(join(FOLDER, file)), controllers: file.startsWith('gc/') }))
  // Who waits longest goes first, so that nobody waits for it at the end.
  .sort((one, two) => waitsOf(two) - waitsOf(one))

function waitsOf({ scenario }: Recording): number {
  return scenario.steps.filter((step) => 'pause' in step || 'events' in step).length
}

async function problemsOf({ scenario, controllers }: Recording): Promise<string[]> {
  const server = await startApiServer({ controllers })
  const connection = connectTo({ server: server.url })
  try {
    const compact = async () => server.compact()
    return judge(await replay(scenario, connection, webhooks, { compact }), DIFFERENCES)
  } finally {
    connection.close()
    await server.close()
  }
}

describe('the embedded API server answers as a real one does', { concurrency: AT_ONCE }, () => {
  for (const recording of recordings)
    it(`${recording.scenario.name}: ${recording.scenario.about}`, async () => {
      const problems = await problemsOf(recording)
      if (problems.length > 0) assert.fail(`${problems.length} problems:\n${problems.join('\n')}`)
    })

  it('knows of each intended difference at which step it is, and why', () => {
    const strays = DIFFERENCES.filter(({ scenario, steps, reason }) => {
      const found = recordings.find((recording) => recording.scenario.name === scenario)?.scenario.steps ?? []
      return reason === '' || steps.length === 0 || !steps.every((id) => found.some((step) => step.id === id))
    })
    assert.deepEqual(strays, [])
  })

  it('has a source for each transcript, and a transcript for each scenario of a source', async () => {
    const sources = globSync('scenarios/*.ts', { cwd: FOLDER })
    const loaded = await Promise.all(sources.map((file) => loadSource(join(FOLDER, file))))
    const summary = (one: { readonly name: string; readonly area: string; readonly about: string }) =>
      `${one.area}: ${one.name}: ${one.about}`
    assert.deepEqual(
      recordings.map(({ scenario }) => summary(scenario)).sort(),
      loaded.flat().map(summary).sort(),
    )
  })
})
