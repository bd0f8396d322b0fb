/** The operator under torture as the functions of AWS are bundled with it. */
import { tortureOperator } from '../operator.ts'

export const operator = tortureOperator(process.env.TORTURE_JOURNAL ?? '')
