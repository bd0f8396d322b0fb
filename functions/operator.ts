/** What runs. Add your controllers here: every entry of every platform takes its operator from this file. */
import { defineOperator } from '../lib/index.ts'
import { cluster } from './operators/cluster.ts'
import { myapp } from './operators/myapp.ts'

export const operator = defineOperator('fairlead', [myapp, cluster])
