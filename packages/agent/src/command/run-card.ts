import { CardFailure } from '../card/card-failure.ts'
import { showReaderName } from '../card/show-reader-name.ts'
import { surveyCards } from '../card/survey-cards.ts'
import type { CardAccess } from '../card/with-card.ts'
import { titleOf } from '../doctor/write-report.ts'
import type { Translate } from '../text/translate.ts'
import type { Terminal } from './terminal.ts'

/** Shows what lies on the readers. Exit status 0 when a card is there that could be signed in with. */
export async function runCard({
  access,
  terminal,
  t,
}: {
  access: CardAccess
  terminal: Terminal
  t: Translate
}): Promise<number> {
  const surveyed = await surveyCards(access).catch((error: unknown) => {
    if (error instanceof CardFailure) return error
    throw error
  })
  if (surveyed instanceof CardFailure || surveyed.length === 0) {
    const code = surveyed instanceof CardFailure ? surveyed.code : 'READER_NOT_FOUND'
    terminal.complain(describeCode(code, t))
    terminal.complain(t(`doctor.${code}.remedy`))
    return 1
  }
  for (const { reader, token, code } of surveyed) {
    terminal.say(t('cli.card.reader', { name: showReaderName(reader.name) }))
    if (code !== undefined) terminal.say(`  ${describeCode(code, t)}\n  ${t(`doctor.${code}.remedy`)}`)
    else if (token === undefined) terminal.say(`  ${t('cli.card.empty')}`)
    else {
      terminal.say(`  ${t(`cli.card.kind.${token.kind}`)}`)
      terminal.say(`  ${describeValidity(token.validity, t)}`)
      terminal.say(`  ${t(token.triesLeft === 0 ? 'cli.card.blocked' : 'cli.card.tries', { tries: token.triesLeft })}`)
    }
  }
  return surveyed.some(({ token }) => token !== undefined && token.triesLeft > 0) ? 0 : 1
}

function describeCode(code: string, t: Translate): string {
  return `${code}: ${titleOf(t, code)}`
}

/** Days in Japan, as they are printed on the card. */
function describeValidity(validity: { from: Date; to: Date } | undefined, t: Translate): string {
  if (validity === undefined) return t('cli.card.certificate-needs-pin')
  const day = (date: Date) => date.toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' })
  return t('cli.card.certificate', { from: day(validity.from), to: day(validity.to) })
}
