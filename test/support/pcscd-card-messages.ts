import type { CertificateSlot, CommandRecord, MisbehaviourScript, VirtualCardOptions } from '@sekisho/virtual-card'

/** A slot of a card as JSON: DER in base64, the key as PKCS #8 PEM. */
export interface SerializedSlot extends Pick<CertificateSlot, 'pin' | 'triesLeft'> {
  readonly certificateDer: string
  readonly caCertificateDer: string
  readonly privateKeyPem: string
}

/** A card as JSON. */
export interface SerializedCard extends Omit<VirtualCardOptions, 'authentication' | 'signature'> {
  readonly authentication: SerializedSlot
  readonly signature?: SerializedSlot
}

/** What the card's host process is asked to do. */
export type CardHostRequest =
  | { readonly do: 'create'; readonly port: number; readonly card: SerializedCard; readonly script: MisbehaviourScript }
  | { readonly do: 'follow'; readonly script: MisbehaviourScript }
  | { readonly do: 'insert' | 'remove' | 'inspect' }

/** The card as its host sees it, sent back after every request. */
export interface CardHostState {
  readonly inserted: boolean
  readonly triesLeft: { readonly authentication: number | null; readonly signature: number | null }
  readonly log: readonly CommandRecord[]
}

export type CardHostReply = { readonly id: number } & ({ readonly state: CardHostState } | { readonly error: string })

/** Turns the options of a card into JSON for the host process. */
export function serializeCard({ authentication, signature, ...rest }: VirtualCardOptions): SerializedCard {
  return {
    ...rest,
    authentication: serializeSlot(authentication),
    ...(signature && { signature: serializeSlot(signature) }),
  }
}

function serializeSlot({ certificateDer, caCertificateDer, privateKey, ...rest }: CertificateSlot): SerializedSlot {
  return {
    ...rest,
    certificateDer: Buffer.from(certificateDer).toString('base64'),
    caCertificateDer: Buffer.from(caCertificateDer).toString('base64'),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
