import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { decodePemOrDer } from '../certificate/anchor/decode-pem.ts'
import { runChecks } from '../certificate/checks/run-checks.ts'
import { UNAVAILABLE_CAUSES } from '../certificate/revocation/unavailable-cause.ts'
import type { Judgement } from '../certificate/judgement.ts'
import type { AnchorPurpose, CertificateProfile } from '../certificate/profile/certificate-profile.ts'
import { jpkiAuthenticationProfile, jpkiSignatureProfile } from '../certificate/profile/jpki-profiles.ts'
import { plainProfile } from '../certificate/profile/plain-profile.ts'
import { tryParseCertificate } from '../certificate/x509/parse-certificate.ts'
import { textOf } from '../certificate/x509/read-name.ts'
import { loadCheckAnchors } from './certificate-check/load-check-anchors.ts'
import { openGivenRevocation } from './certificate-check/open-given-revocation.ts'

interface CheckOptions {
  readonly purpose: AnchorPurpose
  readonly profile: 'jpki' | 'none'
  readonly anchor: readonly string[]
  readonly crl: readonly string[]
  readonly ocspResponse?: string
  readonly at?: Date
  readonly showIdentifiers: boolean
}

/** One line of the output. `identifiers` only when asked for: a serial number is nobody's business (design.md §2). */
interface CheckReport {
  readonly verdict: Judgement['verdict']
  readonly code: string | null
  readonly checks: Judgement['checks']
  readonly identifiers?: { readonly serialNumber: string; readonly subject: string }
}

/** Exit codes: 0 good, 1 refused, 2 unchecked; anything unreadable is refused. */
const EXIT_CODE = { good: 0, refused: 1, unchecked: 2 } as const

/** sysexits.h EX_NOINPUT. */
const EX_NOINPUT = 66

/** `sekisho certificate …` */
export function certificateCommand(): Command {
  const check = new Command('check')
    .description('judge a certificate and print one line of JSON; exit 0 only for "good"')
    .argument('<leaf>', 'the certificate, PEM or DER')
    .addOption(
      new Option('--purpose <purpose>', 'what it is to be used for')
        .choices(['authentication', 'signature'])
        .default('authentication'),
    )
    .addOption(
      new Option('--profile <profile>', '`none` judges only path, validity, signature, constraints and revocation')
        .choices(['jpki', 'none'])
        .default('jpki'),
    )
    .option('--anchor <file>', 'trust this root, not those of this installation; may be repeated', collect, [])
    .option('--crl <file>', 'look it up in this list; may be repeated', collect, [])
    .option('--ocsp-response <file>', 'look it up in this OCSP answer')
    .option('--at <time>', 'judge as of this time (RFC 3339), not now', parseTime)
    .option('--show-identifiers', 'print serial number and subject', false)
    .action(async (leaf: string, options: CheckOptions) => {
      const report = await checkCertificate(leaf, options).catch((fault: unknown) => explainMissingFile(check, fault))
      console.log(JSON.stringify(report))
      process.exitCode = EXIT_CODE[report.verdict]
    })
  return new Command('certificate').description('look into certificates').addCommand(check)
}

async function checkCertificate(path: string, options: CheckOptions): Promise<CheckReport> {
  const now = options.at ?? new Date()
  const ders = decodePemOrDer(await readFile(path), 'CERTIFICATE')
  const unverifiedDer = ders.length === 1 ? (ders[0] as Uint8Array) : new Uint8Array()
  const profile = profileFor(options)
  const anchors = await loadCheckAnchors(options.anchor, profile, process.env)
  const { source, isGiven } = await openGivenRevocation(options, anchors, now)
  const judgement = await runChecks({
    unverifiedDer,
    response: undefined,
    profile,
    anchors,
    revocation: source,
    // with nothing to look into, nothing was looked into: said openly, and not an error of the certificate
    revocationPolicy: isGiven ? 'require-good' : 'allow-unchecked',
    now,
  })
  const report = { verdict: judgement.verdict, code: codeOf(judgement), checks: judgement.checks }
  return options.showIdentifiers ? { ...report, ...identifiersOf(unverifiedDer) } : report
}

function profileFor({ purpose, profile }: CheckOptions): CertificateProfile {
  if (profile === 'none') return plainProfile(purpose)
  return purpose === 'authentication' ? jpkiAuthenticationProfile() : jpkiSignatureProfile()
}

function codeOf(judgement: Judgement): string | null {
  if (judgement.verdict === 'refused') return judgement.code
  const { revocation } = judgement
  if (revocation.status !== 'unavailable') return null
  return UNAVAILABLE_CAUSES['not-configured'].code
}

function identifiersOf(der: Uint8Array): Pick<CheckReport, 'identifiers'> {
  const certificate = tryParseCertificate(der)
  if (certificate === undefined) return {}
  const { serialNumber, subject } = certificate
  const text = subject.map((attribute) => `${attribute.type}=${textOf(attribute) ?? '?'}`).join(', ')
  return { identifiers: { serialNumber: Buffer.from(serialNumber).toString('hex'), subject: text } }
}

/** A file that cannot be read is a mistake on the command line, not a verdict. */
function explainMissingFile(command: Command, fault: unknown): never {
  const { code, path } = fault as NodeJS.ErrnoException
  // a directory is opened, and only then found to be one: that fault names no path
  if (code === undefined || (path === undefined && code !== 'EISDIR')) throw fault
  return command.error(`error: cannot read ${path ?? 'a directory'}: ${code}`, { exitCode: EX_NOINPUT })
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value]
}

/** RFC 3339 §5.6 with its offset, so that nobody's local time is meant. */
function parseTime(text: string): Date {
  const isRfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i.test(text)
  const time = new Date(text)
  if (!isRfc3339 || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('must be a time like 2026-04-01T09:00:00Z')
  return time
}
