import { Command } from 'commander'
import { TrustAnchorsRefused } from '../certificate/anchor/anchor-fault.ts'
import { describeAnchorReadiness, type AnchorReadiness } from '../certificate/anchor/anchor-readiness.ts'
import { loadTrustAnchors, virtualAnchorsAllowed } from '../certificate/anchor/load-trust-anchors.ts'
import { PUBLISHED_GENERATIONS } from '../certificate/anchor/published-generations.ts'
import type { TrustAnchor, TrustAnchors } from '../certificate/anchor/trust-anchor.ts'
import { placeInValidity } from '../certificate/x509/validity.ts'
import { OWN_TRUST_DIRECTORY, readTrustDirectory } from './read-trust-directory.ts'

interface TrustOptions {
  readonly directory: string
}

const STATE = { before: 'not valid yet', within: 'valid', after: 'ended' } as const

/** `sekisho trust list|check` */
export function trustCommand(): Command {
  const directory = [
    '--directory <path>',
    'where the roots are',
    process.env['TRUST_ANCHORS_DIR'] ?? OWN_TRUST_DIRECTORY,
  ] as const
  return new Command('trust')
    .description('the roots that vouch for cards')
    .addCommand(
      new Command('list')
        .description('print every root: purpose, file, dates, identifiers')
        .option(...directory)
        .action(listAnchors),
    )
    .addCommand(
      new Command('check')
        .description('fail when a root cannot be used, or when none is left for log-in in 30 days')
        .option(...directory)
        .action(checkAnchors),
    )
}

async function listAnchors(options: TrustOptions): Promise<void> {
  const anchors = await load(options)
  if (anchors === undefined) return
  const nowMs = Date.now()
  for (const anchor of [...anchors.authentication, ...anchors.signature]) console.log(describe(anchor, nowMs))
}

async function checkAnchors(options: TrustOptions): Promise<void> {
  const anchors = await load(options)
  if (anchors === undefined) return
  for (const { name, purpose, keyId } of PUBLISHED_GENERATIONS) {
    if (anchors[purpose].some(({ keyIdHex }) => keyIdHex === keyId)) continue
    console.log(`missing: ${name} (${purpose}). Cards it issued are refused; see trust/jpki/README.md`)
  }
  const readiness = describeAnchorReadiness(anchors, 'authentication', new Date())
  console.log(describeReadiness(readiness))
  if (readiness.state !== 'ready') process.exitCode = 1
}

async function load({ directory }: TrustOptions): Promise<TrustAnchors | undefined> {
  try {
    const files = await readTrustDirectory(directory)
    return loadTrustAnchors({ ...files, trustVirtual: virtualAnchorsAllowed(process.env) })
  } catch (error) {
    if (!(error instanceof TrustAnchorsRefused)) throw error
    for (const { name, reason } of error.faults) console.error(`refused: ${name}: ${reason}`)
    process.exitCode = 1
    return undefined
  }
}

function describe(
  { name, purpose, certificate, keyIdHex, fingerprint, isVirtual }: TrustAnchor,
  nowMs: number,
): string {
  const day = (ms: number): string => new Date(ms).toISOString()
  return [
    `${purpose} ${name}${isVirtual ? ' (VIRTUAL: anyone can make such cards)' : ''}`,
    `  ${STATE[placeInValidity(certificate, nowMs)]}: ${day(certificate.notBefore)} – ${day(certificate.notAfter)}`,
    `  key identifier ${withColons(keyIdHex.toUpperCase())}`,
    `  SHA-256 ${withColons(fingerprint)}`,
  ].join('\n')
}

function describeReadiness({ state, lastUsableUntil }: AnchorReadiness): string {
  const until = lastUsableUntil?.toISOString()
  switch (state) {
    case 'ready':
      return `ok: log-in is possible until ${until}`
    case 'ending':
      return `ending: the last usable root for log-in ends at ${until}; install its successor now`
    case 'unready':
      return 'unusable: no root for log-in is valid now'
  }
}

function withColons(hex: string): string {
  return hex.replaceAll(/(..)(?!$)/g, '$1:')
}
