/** Who may stand at the desk: whoever shows one of the keys that are live, as a bearer token. */
import { type Bytes, type Keys, LEAST_BYTES, macOf, macVerifier, parseSecret } from '../../mac.ts'

/**
 * A check of Authorization headers: `Bearer <a live secret in base64url>`. It takes the same time whatever is wrong with one:
 * what is compared are macs, under a key that nobody has.
 */
export function bearerVerifier(keys: Keys): (authorization: string) => Promise<boolean> {
  let expecting: readonly ((message: Bytes) => Promise<boolean>)[] | undefined
  return async (authorization) => {
    // Workers may draw random numbers only while they answer; and nobody waits there for a promise of another request.
    expecting ??= await Promise.all([...keys.values()].map(expected))
    const [, text = ''] = /^Bearer ([\w-]{1,4096}=*)$/i.exec(authorization) ?? []
    const shown = parseSecret(text) ?? new Uint8Array()
    const are = await Promise.all(expecting.map((isExpected) => isExpected(shown)))
    return are.includes(true)
  }
}

async function expected(secret: Bytes): Promise<(message: Bytes) => Promise<boolean>> {
  const nobodys = crypto.getRandomValues(new Uint8Array(LEAST_BYTES))
  const isRight = macVerifier(new Map([['desk', nobodys]]))
  const mac = await macOf(nobodys, secret)
  return (message) => isRight({ keyId: 'desk', mac, message })
}
