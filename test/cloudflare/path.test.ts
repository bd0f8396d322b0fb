/** The scenario of the path, through the real Workers in workerd: the relay's Durable Object, a key's, and the reconcile in it. */
import { operator } from '../../functions/operator.ts'
import { pathScenario } from '../path.scenario.ts'
import { startCloudflarePath } from './stage.ts'

pathScenario('the path on Cloudflare', () =>
  startCloudflarePath({ only: ['work', 'relay'], kinds: operator }),
)
