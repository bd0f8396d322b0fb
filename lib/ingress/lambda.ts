/** The ingress app behind a Lambda function URL (payload format 2.0). */
import type { Hono } from 'hono'
import { type UrlHandler, urlHandler } from '../lambda.ts'

/** A Lambda handler. The platform bounds the time. */
export const ingressHandler = (app: Hono): UrlHandler => urlHandler((request) => app.fetch(request))
