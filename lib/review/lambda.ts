/** The review app behind a Lambda function URL (payload format 2.0). */
import type { Hono } from 'hono'
import { type UrlHandler, urlHandler } from '../lambda.ts'

/** A Lambda handler. The platform bounds the body (6 MB) and the time. */
export const reviewHandler = (app: Hono): UrlHandler => urlHandler((request) => app.fetch(request))
