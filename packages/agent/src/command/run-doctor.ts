import type { Translate } from '../text/translate.ts'
import type { DoctorDeps } from '../doctor/doctor-deps.ts'
import { examine } from '../doctor/examine.ts'
import { writeReport } from '../doctor/write-report.ts'
import type { Terminal } from './terminal.ts'

export async function runDoctor(
  deps: DoctorDeps & { terminal: Terminal; t: Translate; system: string },
): Promise<number> {
  const findings = await examine(deps)
  for (const line of writeReport(findings, deps)) deps.terminal.say(line)
  return findings.some(({ outcome }) => outcome === 'failed') ? 1 : 0
}
