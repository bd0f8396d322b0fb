/**
 * PEM and as much of DER as a certificate signing request needs: whether it was signed by the key that it names.
 */

import { createPublicKey, verify, X509Certificate } from 'node:crypto'

const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/g

interface Block {
  readonly type: string
  readonly hasHeaders: boolean
  readonly bytes: Buffer
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(block)].map(([, type = '', inner = '']) => ({
    type,
    hasHeaders: inner.includes(':'),
    bytes: Buffer.from(inner, 'base64'),
  }))

/** What is wrong with the text of a signing request, in the words of Go's packages; undefined when nothing is. */
export const requestProblem = (pem: string): string | undefined => {
  const [first] = blocksOf(pem)
  if (first?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  const parts = partsOf(first.bytes)
  if (parts === undefined) return "asn1: structure error: tags don't match"
  const algorithm = algorithms[parts.algorithm.toString('hex')]
  if (algorithm === undefined) return 'x509: cannot verify signature: algorithm unimplemented'
  return isSigned(parts, algorithm.hash) ? undefined : algorithm.failure
}

interface Algorithm {
  readonly hash: string | null
  readonly failure: string
}

const rsa = (hash: string): Algorithm => ({ hash, failure: 'crypto/rsa: verification error' })
const ecdsa = (hash: string): Algorithm => ({ hash, failure: 'x509: ECDSA verification failure' })

/** By the bytes of their object identifier. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  '2a864886f70d01010b': rsa('sha256'),
  '2a864886f70d01010c': rsa('sha384'),
  '2a864886f70d01010d': rsa('sha512'),
  '2a8648ce3d040302': ecdsa('sha256'),
  '2a8648ce3d040303': ecdsa('sha384'),
  '2a8648ce3d040304': ecdsa('sha512'),
  '2b6570': { hash: null, failure: 'x509: Ed25519 verification failure' },
}

interface Parts {
  /** What is signed. */
  readonly info: Buffer
  readonly key: Buffer
  readonly algorithm: Buffer
  readonly signature: Buffer
}

/** CertificationRequest of PKCS #10: information (version, subject, key, ...), algorithm, signature. */
const partsOf = (bytes: Buffer): Parts | undefined => {
  const [outer] = elementsOf(bytes)
  const [info, algorithm, signature] = outer === undefined ? [] : elementsOf(outer.content)
  if (info === undefined || algorithm === undefined || signature === undefined) return undefined
  const [, , key] = elementsOf(info.content)
  const [identifier] = elementsOf(algorithm.content)
  if (key === undefined || identifier === undefined) return undefined
  // The first byte of a bit string counts the bits that are not used.
  return {
    info: info.whole,
    key: key.whole,
    algorithm: identifier.content,
    signature: signature.content.subarray(1),
  }
}

interface Element {
  readonly whole: Buffer
  readonly content: Buffer
}

/** What stands one after the other; ends before what is cut off. */
const elementsOf = (bytes: Buffer): Element[] => {
  const elements: Element[] = []
  let start = 0
  while (start + 2 <= bytes.length) {
    const first = bytes[start + 1] ?? 0
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    if (lengthBytes > 4 || start + 2 + lengthBytes > bytes.length) break
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes)
    const from = start + 2 + lengthBytes
    if (from + length > bytes.length) break
    elements.push({
      whole: bytes.subarray(start, from + length),
      content: bytes.subarray(from, from + length),
    })
    start = from + length
  }
  return elements
}

const isSigned = ({ info, key, signature }: Parts, hash: string | null): boolean => {
  try {
    return verify(hash, info, createPublicKey({ key, format: 'der', type: 'spki' }), signature)
  } catch {
    // A key that is none has signed nothing.
    return false
  }
}

/** What is wrong with issued certificates; undefined when nothing is. */
export const certificateProblem = (pem: string): string | undefined => {
  if (pem === '') return undefined
  const blocks = blocksOf(pem)
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE')
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (hasHeaders) return 'no PEM block headers are permitted'
    if (!isCertificate(bytes)) return 'x509: malformed certificate'
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

const isCertificate = (bytes: Buffer): boolean => {
  try {
    return new X509Certificate(bytes).serialNumber !== ''
  } catch {
    return false
  }
}
