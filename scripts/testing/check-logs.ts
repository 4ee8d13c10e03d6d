import { X509Certificate } from 'node:crypto'
import { createVirtualJpki } from '@sekisho/virtual-jpki'
import { VIRTUAL_KEYS } from '../../test/support/virtual-keys.ts'
import { searchLogs, type KnownSecret } from './search-logs.ts'
import { failure, NOTHING, type Tally } from './tally.ts'

/** What the layers of a run with every test leave behind at least: with less, the search would pass on next to nothing. */
const LEAST = { files: 5, lines: 1000, known: 200 }

/**
 * The last step of `npm test`: no log of the run has a PIN, a serial number, a name of a certificate, a certificate or a token in it.
 * Counts as one test.
 *
 * @param isWhole whether everything ran that logs, so that little to search is a failure too
 */
export async function checkLogs(directory: string, isWhole: boolean): Promise<Tally> {
  const { files, lines, known, findings } = await searchLogs(directory, await secretsOfPersonas())
  console.log(`\nlogs searched: ${files} files, ${lines} lines, for ${known} values; found: ${findings.length}`)
  if (findings.length > 0) {
    for (const { kind, place } of findings.slice(0, 20)) console.log(`  ${kind}: ${directory}/${place}`)
    return failure(`the logs of this run hold what no log may hold, ${findings.length} times`)
  }
  if (isWhole && (files < LEAST.files || lines < LEAST.lines || known < LEAST.known)) {
    return failure('the logs of this run were not kept: there is too little to search')
  }
  return lines === 0 ? NOTHING : { ...NOTHING, passed: 1 }
}

/** The virtual cards are the same in every run: their names and numbers are known without a test telling. */
async function secretsOfPersonas(): Promise<KnownSecret[]> {
  const jpki = await createVirtualJpki({ now: () => new Date(), cacheDirectory: VIRTUAL_KEYS })
  const secrets: KnownSecret[] = jpki.registry
    .list()
    .map(({ serialNumber }) => ({ kind: 'serial', value: String(serialNumber) }))
  for (const { name } of jpki.personas) {
    const { authentication, signature } = await jpki.card(name)
    for (const { certificateDer } of [authentication, signature]) {
      const { subject } = new X509Certificate(certificateDer)
      const commonName = /^CN=(.+)$/m.exec(subject)?.[1]
      if (commonName !== undefined) secrets.push({ kind: 'CN', value: commonName })
    }
  }
  return secrets
}
