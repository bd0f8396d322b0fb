/** What runs. Add your controllers and reviews here: every entry of every platform takes its operator from this file. */
import { defineOperator } from '../lib/index.ts'
import { cluster } from './operators/cluster.ts'
import { myapp, myappConversion, myappReview } from './operators/myapp.ts'
import { podQuota } from './operators/podquota.ts'
import { tstest, tstestConversion, tstestReview } from './operators/tstest.ts'

export const operator = defineOperator('fairlead', [myapp, cluster, tstest], {
  reviews: [myappReview, tstestReview, podQuota],
  conversions: [myappConversion, tstestConversion],
})
