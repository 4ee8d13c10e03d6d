/**
 * Questions that come within one turn of the event loop are asked together: under load one statement answers many requests, and a lone
 * request waits no longer than before. Nothing is remembered: each question is asked after it came.
 *
 * @param ask answers in the order of the questions; when it rejects, all of them have no answer
 * @param most questions of one statement
 */
export function askTogether<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  most: number,
): (question: Question) => Promise<Answer> {
  interface Waiting {
    readonly question: Question
    readonly resolve: (answer: Answer) => void
    readonly reject: (fault: unknown) => void
  }
  let waiting: Waiting[] = []

  const askThose = async (asked: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await ask(asked.map(({ question }) => question))
      asked.forEach(({ resolve }, place) => {
        resolve(answers[place] as Answer)
      })
    } catch (fault) {
      for (const { reject } of asked) reject(fault)
    }
  }
  const askAll = (): void => {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += most) void askThose(all.slice(from, from + most))
  }

  return (question) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ question, resolve, reject })
      if (waiting.length === 1) setImmediate(askAll)
    })
}
