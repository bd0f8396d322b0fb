/** Reviews behind a Lambda function URL. Needs FAIRLEAD_REVIEW_KEYS. */
import { systemClock as clock } from '../../lib/index.ts'
import { parseKeys } from '../../lib/review/capability.ts'
import { reviewApp } from '../../lib/review/http.ts'
import { reviewHandler } from '../../lib/review/lambda.ts'
import { readReviewKeys } from '../env.ts'
import { operator } from '../operator.ts'

const report = (happening: object) => console.log(JSON.stringify(happening))
const keys = parseKeys(readReviewKeys() ?? '')

export const handler = reviewHandler(reviewApp(operator, { keys, clock, report }))
