import type { LinkageQuestion, LinkageService, LinkageUnavailable } from '../../subject/linkage-service.ts'
import { askLinkage, type AskLinkageOptions, type LinkageFailure } from './ask-linkage.ts'
import { createBreaker } from './create-breaker.ts'
import { parsePersonAnswer, parsePreviousAnswer, type ParsedAnswer } from './linkage-messages.ts'

export interface LinkageOperatorOptions extends AskLinkageOptions {
  readonly name: string
  /** `https://…/linkage`, from the configuration. */
  readonly url: string
  readonly style: 'previous' | 'person'
  /** Whether cards for log-in come from this issuer: a predecessor of another kind is no answer. */
  readonly isIssuer: (issuerNameDer: Uint8Array) => boolean
  /** Told after every question whether the service is being left alone. */
  readonly onBreaker?: ((isOpen: boolean) => void) | undefined
}

const BREAKER = { failures: 5, pauseMs: 15_000 } as const
const PAUSED: LinkageUnavailable = { status: 'unavailable', cause: 'paused' }

/** A platform operator who may ask the national linkage service, over HTTP. Contract: docs/linkage-operator.md */
export function createLinkageOperator(options: LinkageOperatorOptions): LinkageService {
  const { name, style, isIssuer, now } = options
  const url = `${options.url.replace(/\/$/, '')}/${style}`
  const breaker = createBreaker({ now, ...BREAKER, onState: options.onBreaker })

  const ask = async <Found>(
    question: LinkageQuestion,
    parse: (body: Uint8Array) => ParsedAnswer<Found> | undefined,
  ): Promise<ParsedAnswer<Found> | LinkageUnavailable> =>
    (await breaker.run(() => askLinkage(options, url, question, parse), isTripping)) ?? PAUSED

  if (style === 'person') {
    return {
      style,
      name,
      async personOf(question) {
        const answer = await ask(question, parsePersonAnswer)
        if ('cause' in answer) return unavailable(answer)
        const { found: personId, asOf } = answer
        return personId === undefined ? { status: 'none', asOf } : { status: 'found', personId, asOf }
      },
    }
  }
  return {
    style,
    name,
    async previousOf(question) {
      const answer = await ask(question, parsePreviousAnswer)
      if ('cause' in answer) return unavailable(answer)
      const { found, asOf } = answer
      if (found === undefined) return { status: 'none', asOf }
      if (!isIssuer(found.previous.issuerNameDer))
        return { status: 'unavailable', cause: 'predecessor-of-another-kind' }
      return { status: 'found', ...found, asOf }
    },
  }
}

function isTripping(answer: ParsedAnswer<unknown> | LinkageFailure): boolean {
  return 'cause' in answer && answer.trips
}

function unavailable({ cause }: LinkageUnavailable): LinkageUnavailable {
  return { status: 'unavailable', cause }
}
