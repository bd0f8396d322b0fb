/** The whole path in one process, and the first test to read. */
import { operator } from '../functions/operator.ts'
import { startPath } from './cluster.ts'
import { pathScenario } from './path.scenario.ts'

pathScenario('the path', () => startPath(operator))
