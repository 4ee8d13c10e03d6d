import { hasText, type Translate } from '../text/translate.ts'
import { AGENT_NAME, AGENT_VERSION } from '../version.ts'
import type { Finding } from './finding.ts'

const MARKS = { ok: '[ OK ]', failed: '[FAIL]', 'not-checked': '[ -- ]' } as const

/** The report, line by line; fit to be pasted where others read it. */
export function writeReport(
  findings: readonly Finding[],
  { t, system, now }: { t: Translate; system: string; now: () => Date },
): string[] {
  const lines = [`${AGENT_NAME} ${AGENT_VERSION} doctor (${system}) ${now().toISOString()}`, '']
  for (const { step, outcome, code, about } of findings) {
    const what = outcome === 'failed' ? `  ${titleOf(t, code)}` : ''
    lines.push(`${MARKS[outcome]} ${step.padEnd(12)}${code}${about === undefined ? '' : ` (${about})`}${what}`)
    if (outcome === 'failed') lines.push(`       ${t(`doctor.${code}.remedy`)}`)
  }
  const failures = findings.filter(({ outcome }) => outcome === 'failed').length
  return [...lines, '', t(failures === 0 ? 'doctor.all-well' : 'doctor.something-wrong', { count: failures })]
}

/** The computer, as far as it matters. */
export function describeSystem({ platform, arch, versions }: NodeJS.Process): string {
  return `${platform} ${arch} node ${versions.node}`
}

/** A card's trouble has the title of its page. */
export function titleOf(t: Translate, code: string): string {
  return t(hasText(`doctor.${code}.title`) ? `doctor.${code}.title` : `problem.${code}.title`)
}
