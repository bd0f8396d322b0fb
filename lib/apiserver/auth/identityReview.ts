/** Who am I, and whom does a token prove? The reviews of authentication.k8s.io/v1. */
import { listAt, objectAt, stringAt } from '../schema/equal.ts'
import { badRequest } from '../status.ts'
import type { Question } from './question.ts'
import { AUDIENCES } from './token.ts'
import { userInfo } from './user.ts'
import { verifyToken } from './verify.ts'

/** Nothing of the question comes back but its kind. */
export const selfSubjectReview: Question = {
  check: (_server, { object }) => object,
  answer: (_server, { user, now }) => ({
    metadata: { creationTimestamp: now },
    status: { userInfo: userInfo(user) },
  }),
}

/** The token comes back with the answer, as it does from the real server. */
export const tokenReview: Question = {
  check(_server, { object }) {
    if (stringAt(object, 'spec', 'token') === '')
      throw badRequest('token is required for TokenReview in authentication')
    return object
  },
  answer(server, { object }) {
    const { authenticated: _, ...given } = objectAt(object, 'status')
    const wanted = listAt(object, 'spec', 'audiences').map(String)
    const token = stringAt(object, 'spec', 'token')
    const verdict = verifyToken(server, token, wanted.length === 0 ? AUDIENCES : wanted)
    const told =
      verdict.type === 'refused'
        ? { error: verdict.why }
        : { authenticated: true, user: userInfo(verdict.user), audiences: [...verdict.audiences] }
    return { ...object, status: { ...given, ...told } }
  },
}
