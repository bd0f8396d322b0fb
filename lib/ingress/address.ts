/** Which URLs credentials and keys may travel to. */

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export const URL_RULE = 'must be an https URL without credentials (http on loopback alone)'

/** Whether nobody between here and there can read or change what is sent. */
export function isTrusted(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))
}
