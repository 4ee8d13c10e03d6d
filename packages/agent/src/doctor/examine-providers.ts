import { checkIssuer } from '../trust-list/check-issuer.ts'
import { TrustListFault } from '../trust-list/trust-list.ts'
import type { DoctorDeps } from './doctor-deps.ts'
import { failed, notChecked, ok, type Finding } from './finding.ts'

/** A provider tolerates some difference; a certificate's dates and a ticket's life do not tolerate more than this. */
const MAX_SKEW_MS = 60_000
/** A person waits for the report. */
const DEADLINE_MS = 5_000

/** clock → provider. The clock is compared with the first provider that tells the time. */
export async function examineProviders(deps: Pick<DoctorDeps, 'trustList' | 'dispatcher' | 'now'>): Promise<Finding[]> {
  const { trustList, dispatcher, now } = deps
  let clock: Finding = notChecked('clock')
  const answers: Finding[] = []
  try {
    const providers = await trustList.list()
    const asked = await Promise.all(
      providers.map(async (provider) => ({
        provider,
        answer: await ask(() => checkIssuer(provider, { dispatcher, deadlineMs: DEADLINE_MS })),
      })),
    )
    for (const { provider, answer } of asked) {
      if ('code' in answer) answers.push(failed('provider', answer.code, provider.name))
      else {
        answers.push(ok('provider', provider.name))
        if (clock.outcome === 'not-checked' && answer.date !== undefined) clock = compare(answer.date, now())
      }
    }
  } catch (error) {
    if (!(error instanceof TrustListFault)) throw error
    return [clock, failed('provider', 'TRUST_LIST_UNREADABLE')]
  }
  return [clock, ...(answers.length === 0 ? [failed('provider', 'PROVIDER_NONE_TRUSTED')] : answers)]
}

async function ask(question: () => Promise<{ date: Date | undefined }>) {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof TrustListFault)) throw error
    if (error.code !== 'ISSUER_UNREACHABLE') return { code: 'PROVIDER_NOT_ITSELF' } as const
    return {
      code: isCertificateFault(error.message) ? 'PROVIDER_CERTIFICATE_UNTRUSTED' : 'PROVIDER_UNREACHABLE',
    } as const
  }
}

/** node:tls names what is wrong with a certificate by OpenSSL's names (X509_V_ERR_…), and one of its own. */
function isCertificateFault(code: string): boolean {
  return /CERT|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$|^HOSTNAME_MISMATCH$|^INVALID_CA$/.test(code)
}

function compare(theirs: Date, ours: Date): Finding {
  const seconds = Math.round((ours.getTime() - theirs.getTime()) / 1000)
  if (Math.abs(ours.getTime() - theirs.getTime()) <= MAX_SKEW_MS) return ok('clock')
  return failed('clock', 'CLOCK_WRONG', `${seconds > 0 ? '+' : ''}${String(seconds)} s`)
}
