/** The ingress app behind a Lambda function URL (payload format 2.0). */
import type { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'

/** A Lambda handler. The platform bounds the time. */
export const ingressHandler = (app: Hono) => handle(app)
