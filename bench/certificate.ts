import { createPublicKey, randomBytes, sign, verify, webcrypto, X509Certificate } from 'node:crypto'
import { fromBER } from 'asn1js'
import {
  BasicOCSPResponse,
  Certificate,
  CertificateChainValidationEngine,
  CryptoEngine,
  OCSPResponse,
  setEngine,
} from 'pkijs'
import { createVirtualJpki } from '@sekisho/virtual-jpki'
import { loadTrustAnchors } from '../src/certificate/anchor/load-trust-anchors.ts'
import { createCertificateJudge } from '../src/certificate/create-certificate-judge.ts'
import type { CardResponse } from '../src/certificate/judgement.ts'
import { jpkiAuthenticationProfile } from '../src/certificate/profile/jpki-profiles.ts'
import { parseOcspResponse } from '../src/certificate/revocation/ocsp/parse-ocsp-response.ts'
import { createOcspSource } from '../src/certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../src/certificate/revocation/ocsp/ocsp-rules.ts'
import { cacheAnswers } from '../src/certificate/revocation/cache-answers.ts'
import { parseCertificate } from '../src/certificate/x509/parse-certificate.ts'
import { measureCpu, ratioOf, type CpuFigures } from './measure-cpu.ts'

/** performance.md: judging one response costs at most twice the CPU of its three RSA-2048 verifications. */
const GOAL = 2

/** One response of a card with its OCSP answer, judged in several ways. */
export async function run(): Promise<void> {
  const scene = await setScene()
  const floor = { name: 'three RSA-2048 verifications', act: scene.verifyThree, repeat: 1000 }
  const judged = { name: 'judged: certificate, OCSP answer, transcript', act: scene.judge, repeat: 1000 }
  const figures = await measureCpu(
    [
      floor,
      judged,
      { name: 'judged: OCSP answer from the cache', act: scene.judgeCached, repeat: 1000 },
      { name: 'X509Certificate: the certificate alone', act: scene.nodeX509, repeat: 1000 },
    ],
    15,
  )
  report(figures)
  const [floorFigures, judgedFigures, cachedFigures] = figures as readonly [CpuFigures, CpuFigures, CpuFigures]
  const reached = ratioOf(judgedFigures, floorFigures).median
  console.log(`goal: at most ${GOAL} × the verifications; reached ${reached.toFixed(2)} ×`)
  console.log(
    `a cached answer costs ${(judgedFigures.median - cachedFigures.median).toFixed(0)} µs less than a fresh one`,
  )

  console.log('beside pkijs, whose garbage the others would have to collect:')
  report(await measureCpu([floor, judged, { name: 'pkijs: the same three', act: scene.pkijs, repeat: 10 }], 11))
  if (reached > GOAL) process.exitCode = 1
}

/** Each with its ratio to the first, round by round: median, and how far it spreads. */
function report(figures: readonly CpuFigures[]): void {
  for (const figure of figures) {
    const { median, least, most } = ratioOf(figure, figures[0] as CpuFigures)
    const ratio = `${median.toFixed(2)} × (${least.toFixed(2)}–${most.toFixed(2)})`
    console.log(`${figure.name.padEnd(48)} ${figure.median.toFixed(0).padStart(7)} µs   ${ratio}`)
  }
}

async function setScene() {
  const at = new Date()
  const now = (): Date => at
  const jpki = await createVirtualJpki({ seed: 'bench', now, cacheDirectory: '.sekisho/bench-keys' })
  const anchors = loadTrustAnchors({ ...jpki.anchors, trustVirtual: true })
  const issued = await jpki.issueAuthenticationCertificate({ label: 'bench' })
  const transcript = randomBytes(128)
  const signature = sign('sha256', transcript, issued.privateKey)
  const nonce = randomBytes(32)
  let answer: Buffer | undefined
  const ocsp = createOcspSource({
    name: 'bench',
    // the answer is asked for once and replayed: what is measured is judging it
    transport: { ask: async (request) => (answer ??= await jpki.respondOcsp(request)) },
    rules: DEFAULT_OCSP_RULES,
    random: () => nonce,
    now,
  })
  const profile = jpkiAuthenticationProfile()
  const direct = createCertificateJudge({ anchors, profile, revocation: ocsp, now })
  const cached = createCertificateJudge({
    anchors,
    profile,
    revocation: cacheAnswers(ocsp, { now, ceilingMs: 600_000 }),
    now,
  })
  const response: CardResponse = {
    unverifiedCertificateDer: issued.certificateDer,
    unverifiedSignature: signature,
    algorithm: 'RS256',
    transcript,
    revocationPolicy: 'require-good',
  }
  const first = await direct.judge(response)
  if (first.verdict !== 'good' || answer === undefined) throw new Error(`not good: ${JSON.stringify(first)}`)
  const ocspDer: Buffer = answer

  const certificate = parseCertificate(issued.certificateDer)
  const ocspAnswer = parseOcspResponse(ocspDer)
  if (typeof ocspAnswer === 'string') throw new Error(ocspAnswer)
  const delegate = parseCertificate(ocspAnswer.certificateDers[0] as Uint8Array)
  const caKey = new X509Certificate(issued.caCertificateDer).publicKey
  const delegateKey = createPublicKey({ key: Buffer.from(delegate.publicKey.spkiDer), format: 'der', type: 'spki' })
  const cardKey = createPublicKey(issued.privateKey)

  return {
    verifyThree: () => {
      const holds =
        verify('sha256', certificate.signedDer, caKey, certificate.signature) &&
        verify('sha256', ocspAnswer.signedDer, delegateKey, ocspAnswer.signature) &&
        verify('sha256', transcript, cardKey, signature)
      if (!holds) throw new Error('does not verify')
    },
    judge: async () => {
      const judgement = await direct.judge(response)
      if (judgement.verdict !== 'good') throw new Error('not good')
    },
    judgeCached: async () => {
      const judgement = await cached.judge(response)
      if (judgement.verdict !== 'good') throw new Error('not good')
    },
    nodeX509: () => {
      const parsed = new X509Certificate(issued.certificateDer)
      if (!parsed.verify(caKey)) throw new Error('does not verify')
    },
    pkijs: createPkijsJudge({
      leafDer: issued.certificateDer,
      caDer: issued.caCertificateDer,
      ocspDer,
      transcript,
      signature,
      at,
    }),
  }
}

interface PkijsCase {
  readonly leafDer: Uint8Array
  readonly caDer: Uint8Array
  readonly ocspDer: Uint8Array
  readonly transcript: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  readonly at: Date
}

/** As one would write it with pkijs: its chain engine, its OCSP verification, and WebCrypto for the transcript. */
function createPkijsJudge({ leafDer, caDer, ocspDer, transcript, signature, at }: PkijsCase): () => Promise<void> {
  setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto as never }))
  const parse = (der: Uint8Array): Certificate => Certificate.fromBER(Uint8Array.from(der).buffer)
  const ca = parse(caDer)
  return async () => {
    const leaf = parse(leafDer)
    const engine = new CertificateChainValidationEngine({ trustedCerts: [ca], certs: [leaf], checkDate: at })
    const chain = await engine.verify()
    const answer = new OCSPResponse({ schema: fromBER(Uint8Array.from(ocspDer).buffer).result })
    const octets = answer.responseBytes?.response.valueBlock.valueHexView
    if (octets === undefined) throw new Error('no answer')
    const basic = new BasicOCSPResponse({ schema: fromBER(Uint8Array.from(octets).buffer).result })
    const isSigned = await basic.verify({ trustedCerts: [ca] })
    const status = await answer.getCertificateStatus(leaf, ca)
    const key = (await leaf.getPublicKey()) as webcrypto.CryptoKey
    const isPossessed = await webcrypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, transcript)
    if (!chain.result || !isSigned || status.status !== 0 || !isPossessed) {
      throw new Error(`pkijs: ${JSON.stringify({ chain: chain.resultMessage, isSigned, status, isPossessed })}`)
    }
  }
}
