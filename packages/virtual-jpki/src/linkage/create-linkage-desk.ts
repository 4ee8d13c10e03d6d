import { json, type HttpAnswer } from '../service/http-answer.ts'
import type { AccessTokens } from './create-access-tokens.ts'
import type { LinkageService } from './create-linkage-service.ts'
import { isSaidWrong, misbehaveInJson, misbehaveOnTheWay, type LinkageMisbehaviour } from './linkage-misbehaviours.ts'
import { LINKAGE_STATUS, readQuestion, writeAnswer, type LinkageStyle } from './linkage-messages.ts'
import type { LinkageQuestion, PersonAnswer, PersonQuestion, PreviousAnswer } from './linkage-question.ts'

export interface LinkageOrder {
  /** For this one answer; goes before the standing order and before that of the certificate. */
  readonly misbehaviour?: LinkageMisbehaviour | undefined
}

/** Where linkage questions come in, from this process or over HTTP. */
export interface LinkageDesk {
  /**
   * One step back. What goes wrong only over HTTP — slow, cut, malformed — is `unavailable` here. Pure: the same question has the
   * same answer until an event changes it.
   */
  readonly previousOf: (question: LinkageQuestion, order?: LinkageOrder) => PreviousAnswer
  /** The same id for old and new, card and phone, authentication and signature; another one for each tenant. */
  readonly personOf: (question: PersonQuestion, order?: LinkageOrder) => PersonAnswer
  /** As an operator would answer over HTTP (docs/linkage-operator.md); never throws on bad input. */
  readonly answerLinkage: (
    style: LinkageStyle,
    body: Uint8Array,
    order?: LinkageOrder & { readonly authorization?: string | undefined },
  ) => HttpAnswer
  /** Access tokens by client credentials. */
  readonly answerToken: AccessTokens['answer']
  /** How many questions there were, answered or not. */
  readonly linkageQuestions: () => number
}

export function createLinkageDesk(deps: {
  readonly service: LinkageService
  readonly accessTokens: AccessTokens
  readonly standing: () => LinkageMisbehaviour | undefined
}): LinkageDesk {
  const { service, accessTokens } = deps
  let asked = 0

  const orderFor = (question: LinkageQuestion, order: LinkageOrder = {}): LinkageMisbehaviour | undefined =>
    order.misbehaviour ?? deps.standing() ?? service.orderedFor(question)

  const answerLinkage: LinkageDesk['answerLinkage'] = (style, body, order = {}) => {
    asked += 1
    const tenant = accessTokens.tenantOf(order.authorization)
    if (tenant === undefined) return refuse('unauthorized')
    const read = readQuestion(body)
    if (read === undefined) return refuse('malformed-question')
    const misbehaviour = orderFor(read.question, order)
    const saidWrong = isSaidWrong(misbehaviour) ? misbehaviour : undefined
    const said =
      style === 'previous'
        ? service.previousOf(read.question, saidWrong)
        : service.personOf({ ...read.question, tenant }, saidWrong)
    if (said.result === 'unavailable') return refuse('try-later')
    if (said.result === 'error') return refuse(said.error)
    const message = misbehaveInJson(misbehaviour, writeAnswer(read.requestId, said))
    return misbehaveOnTheWay(misbehaviour, json(message))
  }

  return {
    previousOf(question, order) {
      asked += 1
      const misbehaviour = orderFor(question, order)
      if (misbehaviour === undefined || isSaidWrong(misbehaviour)) return service.previousOf(question, misbehaviour)
      return { result: 'unavailable' }
    },
    personOf(question, order) {
      asked += 1
      const misbehaviour = orderFor(question, order)
      if (misbehaviour === undefined || isSaidWrong(misbehaviour)) return service.personOf(question, misbehaviour)
      return { result: 'unavailable' }
    },
    answerLinkage,
    answerToken: accessTokens.answer,
    linkageQuestions: () => asked,
  }
}

const RETRY_AFTER_S = '30'

function refuse(error: keyof typeof LINKAGE_STATUS): HttpAnswer {
  const refusal = json({ error }, LINKAGE_STATUS[error])
  const further = {
    unauthorized: { 'www-authenticate': 'Bearer error="invalid_token"' },
    'try-later': { 'retry-after': RETRY_AFTER_S },
  }[error as string]
  return { ...refusal, headers: { ...refusal.headers, ...further } }
}
