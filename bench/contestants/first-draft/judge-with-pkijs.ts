import { webcrypto } from 'node:crypto'
import { fromBER } from 'asn1js'
import {
  BasicOCSPResponse,
  Certificate,
  CertificateChainValidationEngine,
  CryptoEngine,
  OCSPRequest,
  OCSPResponse,
  setEngine,
} from 'pkijs'

/** A certificate's chain, its OCSP answer and the signature over what was asked, as one would write it with pkijs and WebCrypto. */
export interface PkijsJudge {
  /** @throws Error with what was wrong @returns the serial number, as the account's name */
  judge(response: CardAnswer, ask: (requestDer: Uint8Array) => Promise<Uint8Array>): Promise<string>
}

export interface CardAnswer {
  readonly certificateDer: Uint8Array
  readonly signed: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** @param now what certificates and answers are judged by */
export function createPkijsJudge(caDers: readonly Uint8Array[], now: () => Date): PkijsJudge {
  setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto as never }))
  const parse = (der: Uint8Array): Certificate => Certificate.fromBER(Uint8Array.from(der).buffer)
  const trustedCerts = caDers.map(parse)
  return {
    judge: async ({ certificateDer, signed, signature }, ask) => {
      const leaf = parse(certificateDer)
      const engine = new CertificateChainValidationEngine({ trustedCerts, certs: [leaf], checkDate: now() })
      const chain = await engine.verify()
      const ca = chain.certificatePath?.at(-1)
      if (!chain.result || ca === undefined) throw new Error(`chain: ${chain.resultMessage}`)

      const request = new OCSPRequest()
      await request.createForCertificate(leaf, { hashAlgorithm: 'SHA-256', issuerCertificate: ca })
      const answer = new OCSPResponse({
        schema: fromBER(Uint8Array.from(await ask(new Uint8Array(request.toSchema(true).toBER()))).buffer).result,
      })
      const octets = answer.responseBytes?.response.valueBlock.valueHexView
      if (octets === undefined) throw new Error('OCSP: no answer')
      const basic = new BasicOCSPResponse({ schema: fromBER(Uint8Array.from(octets).buffer).result })
      if (!(await basic.verify({ trustedCerts: [ca] }))) throw new Error('OCSP: not signed')
      if ((await answer.getCertificateStatus(leaf, ca)).status !== 0) throw new Error('OCSP: not good')

      const key = (await leaf.getPublicKey()) as webcrypto.CryptoKey
      if (!(await webcrypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, signed)))
        throw new Error('not possessed')
      return Buffer.from(leaf.serialNumber.valueBlock.valueHexView).toString('hex')
    },
  }
}
