import { X509Certificate } from 'node:crypto'
import { CardFailure } from '../card/card-failure.ts'
import type { CardReader } from '../card/card-readers.ts'
import { chooseSigningMethod } from '../card/choose-signing-method.ts'
import { findCard, listReaders } from '../card/find-card.ts'
import { readCertificate } from '../card/read-certificate.ts'
import { readTokenKind } from '../card/read-token-kind.ts'
import { readTriesLeft } from '../card/read-tries-left.ts'
import { selectApplication } from '../card/select-application.ts'
import { showReaderName } from '../card/show-reader-name.ts'
import { withCard, type CardAccess } from '../card/with-card.ts'
import { failed, notChecked, ok, type DoctorStep, type Finding } from './finding.ts'

const CARD_STEPS = [
  'service',
  'reader',
  'card',
  'application',
  'certificate',
  'validity',
  'pin',
] as const satisfies readonly DoctorStep[]

/** service → reader → card → application → certificate → validity → pin; a failure ends the chain, a date that is past does not. */
export async function examineCard(access: CardAccess, now: () => Date): Promise<Finding[]> {
  const findings: Finding[] = []
  const reached = () => CARD_STEPS[findings.length] ?? 'pin'
  try {
    const readers = await listReaders(access)
    findings.push(ok('service'))
    if (readers.length === 0) throw new CardFailure('READER_NOT_FOUND')
    findings.push(ok('reader', modelsOf(readers)))
    const found = await findCard(access)
    findings.push(ok('card'))
    if (found.outcome === 'several') findings.push(failed('application', 'SEVERAL_CARDS'))
    else {
      await withCard(access, found.reader.name, async (channel) => {
        await selectApplication(channel)
        const kind = await readTokenKind(channel)
        findings.push(ok('application', kind === 'phone' ? 'Android' : undefined))
        if (kind === 'phone') findings.push(notChecked('certificate', 'NEEDS_PIN'), notChecked('validity', 'NEEDS_PIN'))
        else {
          const certificateDer = await readCertificate(channel)
          chooseSigningMethod(certificateDer)
          findings.push(ok('certificate'), judgeValidity(certificateDer, now()))
        }
        findings.push(judgeTries(await readTriesLeft(channel)))
      })
    }
  } catch (error) {
    if (!(error instanceof CardFailure)) throw error
    findings.push(failed(reached(), error.code))
  }
  return [...findings, ...CARD_STEPS.slice(findings.length).map((step) => notChecked(step))]
}

function judgeValidity(certificateDer: Buffer, now: Date): Finding {
  const { validFrom, validTo } = new X509Certificate(certificateDer)
  if (now < new Date(validFrom)) return failed('validity', 'CERT_NOT_YET_VALID')
  return now > new Date(validTo) ? failed('validity', 'CERT_EXPIRED') : ok('validity')
}

function judgeTries(triesLeft: number): Finding {
  if (triesLeft === 0) return failed('pin', 'PIN_BLOCKED')
  return triesLeft === 1 ? failed('pin', 'PIN_LAST_TRY') : ok('pin')
}

function modelsOf(readers: readonly CardReader[]): string {
  return readers.map(({ name }) => showReaderName(name)).join(', ')
}
