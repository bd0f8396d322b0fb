/** The review app behind a Lambda function URL (payload format 2.0). */
import type { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'

/** A Lambda handler. The platform bounds the body (6 MB) and the time. */
export const reviewHandler = (app: Hono) => handle(app)
