/** A certificate authority and a serving certificate for development: self-signed, made in memory. */
import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface ServingCertificate {
  /** PEM: what clients must trust; a webhook's `caBundle` is this in base64. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 24 * 3600 * 1000
/** The most that TLS clients accept of a serving certificate; no process of development lives that long. */
const DAYS = 825

/** Makes both for these hosts (names or addresses); the authority's key is thrown away. `now` in milliseconds. */
export async function makeCertificate(hosts: readonly string[], now: number): Promise<ServingCertificate> {
  const [authority, serving] = await Promise.all([keyPair(), keyPair()])
  // A clock that is a little behind must not find it not yet valid.
  const validity = { notBefore: new Date(now - DAY), notAfter: new Date(now + DAYS * DAY) }
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=fairlead development',
    keys: authority,
    signingAlgorithm: ALGORITHM,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  const cert = await x509.X509CertificateGenerator.create({
    subject: 'CN=fairlead review',
    issuer: ca.subject,
    publicKey: serving.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map(nameOf)),
    ],
  })
  const key = await crypto.subtle.exportKey('pkcs8', serving.privateKey)
  return {
    ca: ca.toString('pem'),
    cert: cert.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  }
}

const keyPair = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

const nameOf = (host: string): x509.JsonGeneralName => ({
  type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns',
  value: host,
})
