/**
 * Who asks, as headers over time: what transports want from whoever logs in, and the one protocol between them. Nothing of a
 * platform.
 */

export type Headers = Readonly<Record<string, string>>

/**
 * Credentials, asked for with each request; again with `refused` after a 401, where fresh ones are expected. The same object
 * means that there are no others.
 */
export type Credentials = (refused: boolean) => Headers | Promise<Headers>

/** What a transport makes of its answers. */
export interface Answers<Answer> {
  isRefused(answer: Answer): boolean
  /** Reads it to its end, so that its connection serves the second try. */
  discard(answer: Answer): Promise<unknown>
}

/** The answer to what `ask` sends with these credentials, or with fresh ones where they were refused: it asks once more at most. */
export async function authorized<Answer>(
  credentials: Credentials | undefined,
  ask: (headers: Headers) => Promise<Answer>,
  { isRefused, discard }: Answers<Answer>,
): Promise<Answer> {
  if (credentials === undefined) return ask({})
  const given = credentials(false)
  const headers = given instanceof Promise ? await given : given
  const answer = await ask(headers)
  if (!isRefused(answer)) return answer
  // Another request may have been refused first and have brought fresh ones already.
  const current = await credentials(false)
  const fresh = current === headers ? await credentials(true) : current
  if (fresh === headers) return answer
  await discard(answer)
  return ask(fresh)
}
