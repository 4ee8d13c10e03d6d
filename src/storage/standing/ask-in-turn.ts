/**
 * One statement is under way at a time, and whoever comes meanwhile is asked for together in the next one: a question is always put after it came.
 * Those that come within one turn of the event loop are one statement, and a lone one waits for nothing.
 *
 * @param ask answers in the order of the questions; when it rejects, none of them has an answer
 * @returns without a question: only waits for a statement that began later than the call
 */
export function askInTurn<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): AskInTurn<Question, Answer> {
  interface Turn {
    readonly questions: Question[]
    readonly answers: Promise<readonly Answer[]>
    readonly begin: () => Promise<void>
  }
  let next: Turn | undefined
  let isUnderWay = false

  const makeTurn = (): Turn => {
    const questions: Question[] = []
    const { promise, resolve, reject } = Promise.withResolvers<readonly Answer[]>()
    const begin = (): Promise<void> => ask(questions).then(resolve, reject)
    return { questions, answers: promise, begin }
  }
  const takeTurn = (): void => {
    const turn = next
    next = undefined
    isUnderWay = turn !== undefined
    void turn?.begin().finally(() => setImmediate(takeTurn))
  }
  const join = (): Turn => {
    if (next !== undefined) return next
    next = makeTurn()
    if (!isUnderWay) {
      isUnderWay = true
      setImmediate(takeTurn)
    }
    return next
  }

  function askOne(): Promise<unknown>
  function askOne(question: Question): Promise<Answer>
  function askOne(question?: Question): Promise<unknown> {
    const turn = join()
    if (question === undefined) return turn.answers
    const place = turn.questions.push(question) - 1
    return turn.answers.then((answers) => answers[place])
  }
  return askOne
}

export interface AskInTurn<Question, Answer> {
  (): Promise<unknown>
  (question: Question): Promise<Answer>
}
