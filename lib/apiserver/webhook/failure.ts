/** A webhook that could not be asked, or whose answer is no answer. The texts are those of Go's clients. */

/** The text has neither the webhook's answer nor its certificate in it. */
export class WebhookFailure extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'WebhookFailure'
  }
}

/** Its configuration is such that it cannot even be tried. */
export class ClientFailure extends WebhookFailure {}

/** Its answer began and did not end. The text names no URL. */
export class BrokenAnswer extends WebhookFailure {
  constructor(why: string, options: ErrorOptions = {}) {
    super(`unexpected error when reading response body. Please retry. Original error: ${why}`, options)
  }
}

const UNTRUSTED = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'

/** Node's codes for a chain that does not end in a trusted certificate. */
const UNTRUSTED_CODES = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

/** What Go's net and crypto/tls say of a connection to `address` (host and port) that failed. */
export function goWords(error: Error, address: string): string {
  const code = 'code' in error ? String(error.code) : ''
  if (UNTRUSTED_CODES.has(code)) return UNTRUSTED
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${address}: connect: connection refused`
    case 'EHOSTUNREACH':
      return `dial tcp ${address}: connect: no route to host`
    case 'ENETUNREACH':
      return `dial tcp ${address}: connect: network is unreachable`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${address.replace(/:\d+$/, '')}: no such host`
    case 'ECONNRESET':
      return 'EOF'
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: certificate is not valid for ${address.replace(/:\d+$/, '')}`
    default:
      return error.message
  }
}
