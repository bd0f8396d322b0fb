/** The address of an API server, as transports want it. */

export interface Address {
  /** `https://host:port` */
  readonly origin: string
  readonly host: string
  readonly isSecure: boolean
  /** What the URL has before every path; without a slash at its end. */
  readonly path: string
}

/** Throws for what is no http(s) URL. Credentials in it are left out. */
export function parseAddress(server: string): Address {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new Error(`The API server's address must be an http or https URL, got ${JSON.stringify(server)}`)
  return {
    origin: url.origin,
    host: url.host,
    isSecure: url.protocol === 'https:',
    path: url.pathname.replace(/\/$/, ''),
  }
}
