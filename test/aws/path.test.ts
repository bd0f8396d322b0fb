/** The scenario of the path, through the bundled functions: relay, work and promote as Lambda runs them. */
import { operator } from '../../functions/operator.ts'
import { pathScenario } from '../path.scenario.ts'
import { startAwsPath } from './stage.ts'

pathScenario('the path on AWS', () =>
  startAwsPath({ only: ['relay', 'work', 'promote'], kinds: operator, relaySeconds: 0 }),
)
