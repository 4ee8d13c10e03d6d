import { readChildren, readElement, readInteger } from '../src/der/read-der.ts'
import type { CertificateKey, LinkageQuestion, PreviousAnswer, VirtualJpki } from '../src/index.ts'

/** What a verifier would ask about this certificate, read from its bytes: version, serialNumber, signature, issuer, … */
export function questionAbout(certificateDer: Buffer): LinkageQuestion {
  const [tbs] = readChildren(readElement(certificateDer).content)
  const [, serial, , issuer] = readChildren(tbs?.content ?? Buffer.alloc(0))
  if (serial === undefined || issuer === undefined) throw new Error('not a certificate')
  return { issuerNameDer: issuer.whole, serialNumber: readInteger(serial.content) }
}

export async function questionAboutCard(jpki: VirtualJpki, persona: string): Promise<LinkageQuestion> {
  return questionAbout((await jpki.card(persona)).authentication.certificateDer)
}

/** The same for a certificate of which only the number is known. */
export function questionAboutKey(jpki: VirtualJpki, { authority, serialNumber }: CertificateKey): LinkageQuestion {
  const purpose = authority.startsWith('signature') ? 'signature' : 'authentication'
  return { issuerNameDer: jpki.authority(purpose, 3).nameDer, serialNumber }
}

/** Walks back as a resolver would, question by question, and stops after `limit` of them. */
export function walkBack(
  jpki: VirtualJpki,
  start: LinkageQuestion,
  limit = 50,
): { readonly serialNumbers: readonly bigint[]; readonly end: PreviousAnswer['result'] | 'limit' } {
  const serialNumbers: bigint[] = []
  let question = start
  for (let asked = 0; asked < limit; asked += 1) {
    const said = jpki.previousOf(question)
    if (said.result !== 'found') return { serialNumbers, end: said.result }
    serialNumbers.push(said.previous.serialNumber)
    question = said.previous
  }
  return { serialNumbers, end: 'limit' }
}
