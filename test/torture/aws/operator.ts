/** The operator under torture as the functions of AWS are bundled with it. */
import { journalIn } from '../journal.ts'
import { tortureOperator } from '../operator.ts'

export const operator = tortureOperator(journalIn(process.env.TORTURE_JOURNAL ?? ''))
