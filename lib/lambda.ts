/**
 * HTTP behind a Lambda function URL, or an HTTP API of API Gateway (payload format 2.0): an event to a request, the response
 * to a result. Bodies of results are text. Written here because what Hono has is deprecated, and knows five more formats.
 */

/** What is read of an event. */
export interface UrlEvent {
  readonly rawPath: string
  readonly rawQueryString: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: string | undefined
  readonly isBase64Encoded: boolean
  readonly requestContext: { readonly domainName: string; readonly http: { readonly method: string } }
}

export interface UrlResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: false
}

export type UrlHandler = (event: UrlEvent) => Promise<UrlResult>

/** A Lambda handler that has `fetch` answer. What cannot be a request is answered 400; what `fetch` throws is thrown. */
export const urlHandler =
  (fetch: (request: Request) => Response | Promise<Response>): UrlHandler =>
  async (event) => {
    const request = toRequest(event)
    const response = request === undefined ? new Response(null, { status: 400 }) : await fetch(request)
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
      isBase64Encoded: false,
    }
  }

/** Undefined where the URL, a header or the body is none. Throws where the event has another format. */
function toRequest(event: UrlEvent): Request | undefined {
  const { rawPath, rawQueryString, requestContext } = event
  if (requestContext?.http === undefined)
    throw new Error('not an event of a function URL or an HTTP API: its payload format must be 2.0')
  const url = `https://${requestContext.domainName}${rawPath}${rawQueryString ? `?${rawQueryString}` : ''}`
  try {
    const headers = new Headers()
    for (const [name, value] of Object.entries(event.headers)) if (value) headers.set(name, headerText(value))
    const body = bodyOf(event)
    // Whoever reads the body is told its length: of what is here, whatever the sender said.
    if (body !== null) headers.set('content-length', String(body.length))
    return new Request(url, { method: requestContext.http.method, headers, body })
  } catch {
    return undefined
  }
}

/** Lambda decodes headers as UTF-8; a `Headers` takes bytes. */
const headerText = (value: string): string => (/^[\0-\x7f]*$/.test(value) ? value : encodeURIComponent(value))

function bodyOf({ body, isBase64Encoded }: UrlEvent): Uint8Array<ArrayBuffer> | null {
  if (!body) return null
  if (!isBase64Encoded) return new TextEncoder().encode(body)
  const text = atob(body)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}
