/**
 * Answers over `fetch` that are none: redirects, which are not followed, and what Cloudflare itself answers for a server that it
 * did not reach. Others are passed on unread.
 */

/**
 * The answer, if it is the API server's: that one sends no redirects that concern us, and none of Cloudflare's codes. Otherwise it
 * is let go of, and an Error says what it means. `base` is where requests go.
 */
export async function answered(response: Response, base: string): Promise<Response> {
  const { status, type } = response
  const isRedirect = type === 'opaqueredirect' || (status >= 300 && status < 400 && status !== 304)
  const problem = isRedirect ? redirected(response, base) : UNREACHED[status]
  if (problem === undefined) return response
  // Its connection may be lost by now, which is not what went wrong.
  await response.body?.cancel().catch(() => {})
  throw new Error(problem)
}

/** Of the place only who is there: the rest of a login page's address is for one person. */
function redirected({ status, headers }: Response, base: string): string {
  const location = headers.get('location') ?? ''
  const place = URL.canParse(location, base) ? new URL(location, base).origin : 'elsewhere'
  return `it redirects (${status}) to ${place}, and credentials are for no other server: "server" must be the API server's own address, and behind Cloudflare Access a service token ("access") must be valid`
}

/** https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const UNREACHED: Readonly<Record<number, string>> = {
  520: 'Cloudflare got no answer that it understands (520)',
  521: 'Cloudflare was refused a connection (521)',
  522: 'Cloudflare got no connection in time (522)',
  523: 'Cloudflare finds no way there (523)',
  524: 'Cloudflare got no answer in time (524)',
  525: 'Cloudflare could not agree on TLS with it (525)',
  526: 'Cloudflare does not trust its certificate (526), since `fetch` knows public authorities only: go through a Workers VPC service ("via"), which can be given the authority of the cluster',
  530: 'Cloudflare finds no such host, or its tunnel is down (530)',
}
