import { Router } from 'express'
import type { DoctorDeps } from '../doctor/doctor-deps.ts'
import { examine } from '../doctor/examine.ts'
import type { Finding } from '../doctor/finding.ts'
import { describeSystem, titleOf, writeReport } from '../doctor/write-report.ts'
import { translator } from '../text/translate.ts'
import { languageWithoutTicket } from './choose-language.ts'
import { languageLinks } from './page-view.ts'

/** The doctor as a page. Whoever asks while an examination runs gets its result: a card has one visitor at a time. */
export function doctorPage({ doctor }: { doctor: DoctorDeps }): Router {
  let running: Promise<readonly Finding[]> | undefined
  const router = Router()
  router.get('/doctor', async (request, response) => {
    running ??= examine(doctor).finally(() => (running = undefined))
    const findings = await running
    const locale = languageWithoutTicket(request)
    const t = translator(locale)
    const failures = findings.filter(({ outcome }) => outcome === 'failed').length
    response.render('doctor', {
      t,
      locale,
      languages: languageLinks(locale, (code) => `/doctor?lang=${code}`),
      page: 'doctor',
      code: findings.find(({ outcome }) => outcome === 'failed')?.code ?? 'OK',
      title: t('doctor.title'),
      summary: t(failures === 0 ? 'doctor.all-well' : 'doctor.something-wrong', { count: failures }),
      findings: findings.map(({ step, outcome, code, about }) => ({
        step: t(`doctor.step.${step}`),
        outcome,
        code,
        about,
        title: outcome === 'failed' ? titleOf(t, code) : undefined,
        remedy: outcome === 'failed' ? t(`doctor.${code}.remedy`) : undefined,
      })),
      report: writeReport(findings, { t, system: describeSystem(process), now: doctor.now }).join('\n'),
      againHref: `/doctor?lang=${locale}`,
    })
  })
  return router
}
