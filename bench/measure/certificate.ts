import { createPublicKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { createVirtualJpki } from '@sekisho/virtual-jpki'
import { chooseIssuer } from '../../src/certificate/anchor/choose-issuer.ts'
import { loadTrustAnchors } from '../../src/certificate/anchor/load-trust-anchors.ts'
import { createCertificateJudge } from '../../src/certificate/create-certificate-judge.ts'
import type { CardResponse } from '../../src/certificate/judgement.ts'
import { jpkiAuthenticationProfile } from '../../src/certificate/profile/jpki-profiles.ts'
import { parseOcspResponse } from '../../src/certificate/revocation/ocsp/parse-ocsp-response.ts'
import { createOcspSource } from '../../src/certificate/revocation/ocsp/create-ocsp-source.ts'
import { DEFAULT_OCSP_RULES } from '../../src/certificate/revocation/ocsp/ocsp-rules.ts'
import { cacheAnswers } from '../../src/certificate/revocation/cache-answers.ts'
import { parseCertificate } from '../../src/certificate/x509/parse-certificate.ts'
import type { Bench } from '../bench.ts'
import { createPkijsJudge } from '../contestants/first-draft/judge-with-pkijs.ts'
import { measureCpu, ratioOf, type CpuFigures } from './measure-cpu.ts'

/** One response of a card with its OCSP answer, judged in several ways. */
export async function measureJudging(bench: Bench): Promise<void> {
  const scene = await setScene()
  const floor = { name: 'three RSA-2048 verifications', act: scene.verifyThree, repeat: 1000 }
  const judged = { name: 'judged: certificate, OCSP answer, transcript', act: scene.judge, repeat: 1000 }
  const figures = await measureCpu(
    [
      floor,
      judged,
      { name: 'judged: OCSP answer from the cache', act: scene.judgeCached, repeat: 1000 },
      { name: 'OCSP: an answer from the cache', act: scene.checkCached, repeat: 5000 },
      { name: 'X509Certificate: the certificate alone', act: scene.nodeX509, repeat: 1000 },
    ],
    bench.isQuick ? 5 : 15,
  )
  report(bench, figures)
  const [floorFigures, judgedFigures, , cachedFigures] = figures as [CpuFigures, CpuFigures, CpuFigures, CpuFigures]
  bench.fact('floor: three RSA-2048 verifications', floorFigures.median, 'µs CPU')
  bench.fact('judging a response, fresh OCSP answer', judgedFigures.median, 'µs CPU')
  bench.reach('judging', ratioOf(judgedFigures, floorFigures).median)
  bench.reach('ocspCached', cachedFigures.median)

  bench.say('beside pkijs, whose garbage the others would have to collect:')
  const withPkijs = await measureCpu(
    [floor, judged, { name: 'pkijs: the same three', act: scene.pkijs, repeat: 10 }],
    bench.isQuick ? 3 : 5,
  )
  report(bench, withPkijs)
  bench.fact('judging a response with pkijs', withPkijs[2]?.median ?? Number.NaN, 'µs CPU')
}

/** Each with its ratio to the first, round by round: median, and how far it spreads. */
function report(bench: Bench, figures: readonly CpuFigures[]): void {
  for (const figure of figures) {
    const { median, least, most } = ratioOf(figure, figures[0] as CpuFigures)
    const ratio = `${median.toFixed(2)} × (${least.toFixed(2)}–${most.toFixed(2)})`
    bench.say(`${figure.name.padEnd(48)} ${figure.median.toFixed(0).padStart(7)} µs   ${ratio}`)
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
  const cache = cacheAnswers(ocsp, { now, ceilingMs: 600_000 })
  const cached = createCertificateJudge({ anchors, profile, revocation: cache, now })
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
  const issuer = chooseIssuer(certificate, anchors.authentication, at.getTime())
  if (issuer === undefined) throw new Error('no issuer')
  const ocspAnswer = parseOcspResponse(ocspDer)
  if (typeof ocspAnswer === 'string') throw new Error(ocspAnswer)
  const delegate = parseCertificate(ocspAnswer.certificateDers[0] as Uint8Array)
  const caKey = new X509Certificate(issued.caCertificateDer).publicKey
  const delegateKey = createPublicKey({ key: Buffer.from(delegate.publicKey.spkiDer), format: 'der', type: 'spki' })
  const cardKey = createPublicKey(issued.privateKey)

  const pkijs = createPkijsJudge([issued.caCertificateDer], now)

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
    checkCached: async () => {
      const { status } = await cache.check({ certificate, issuer })
      if (status !== 'good') throw new Error('not good')
    },
    nodeX509: () => {
      const parsed = new X509Certificate(issued.certificateDer)
      if (!parsed.verify(caKey)) throw new Error('does not verify')
    },
    pkijs: () =>
      pkijs.judge(
        {
          certificateDer: issued.certificateDer,
          signed: new Uint8Array(transcript),
          signature: new Uint8Array(signature),
        },
        () => Promise.resolve(ocspDer),
      ),
  }
}
