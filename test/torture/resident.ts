/** The real process with the operator under torture: `npm start -- OPTIONS`, but for the operator. */
import { runResident } from '../../functions/resident.ts'
import { journalIn } from './journal.ts'
import { tortureOperator } from './operator.ts'

await runResident(tortureOperator(journalIn(process.env.TORTURE_JOURNAL ?? '')))
