import { X509Certificate } from 'node:crypto'
import { CardFailure } from '../card/card-failure.ts'
import type { CardReader } from '../card/card-readers.ts'
import { checkTokenLabel } from '../card/check-token-label.ts'
import { chooseSigningMethod } from '../card/choose-signing-method.ts'
import { findCard } from '../card/find-card.ts'
import { readCertificate } from '../card/read-certificate.ts'
import { readTriesLeft } from '../card/read-tries-left.ts'
import { selectApplication } from '../card/select-application.ts'
import { showReaderName } from '../card/show-reader-name.ts'
import { withCard, type CardAccess } from '../card/with-card.ts'
import { withDeadline } from '../card/with-deadline.ts'
import { failed, notChecked, ok, type DoctorStep, type Finding } from './finding.ts'

const CARD_STEPS = ['service', 'reader', 'card', 'application', 'certificate'] as const satisfies readonly DoctorStep[]

/** service → reader → card → application → certificate; the first failure ends the chain. */
export async function examineCard(access: CardAccess, now: () => Date): Promise<Finding[]> {
  const findings: Finding[] = []
  const reached = () => CARD_STEPS[findings.length] ?? 'certificate'
  try {
    const readers = await withDeadline(
      access.cards.list(),
      access.deadlines.connectMs,
      () => new CardFailure('READER_SERVICE_UNAVAILABLE'),
    )
    findings.push(ok('service'))
    if (readers.length === 0) throw new CardFailure('READER_NOT_FOUND')
    findings.push(ok('reader', modelsOf(readers)))
    const found = await findCard(access)
    findings.push(ok('card'))
    if (found === 'several') findings.push(failed('application', 'SEVERAL_CARDS'))
    else {
      await withCard(access, found.readerName, async (channel) => {
        await selectApplication(channel)
        await checkTokenLabel(channel)
        findings.push(ok('application'))
        const certificateDer = await readCertificate(channel)
        chooseSigningMethod(certificateDer)
        findings.push(judgeCertificate(certificateDer, await readTriesLeft(channel), now()))
      })
    }
  } catch (error) {
    if (!(error instanceof CardFailure)) throw error
    findings.push(failed(reached(), error.code))
  }
  return [...findings, ...CARD_STEPS.slice(findings.length).map(notChecked)]
}

function judgeCertificate(certificateDer: Buffer, triesLeft: number, now: Date): Finding {
  const { validFrom, validTo } = new X509Certificate(certificateDer)
  if (now < new Date(validFrom)) return failed('certificate', 'CERT_NOT_YET_VALID')
  if (now > new Date(validTo)) return failed('certificate', 'CERT_EXPIRED')
  if (triesLeft === 0) return failed('certificate', 'PIN_BLOCKED')
  return triesLeft === 1 ? failed('certificate', 'PIN_LAST_TRY') : ok('certificate')
}

function modelsOf(readers: readonly CardReader[]): string {
  return readers.map(({ name }) => showReaderName(name)).join(', ')
}
