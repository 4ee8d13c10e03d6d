import type { Calendar } from '../certificate/calendar.ts'
import { PURPOSES } from '../certificate/distinguished-names.ts'
import type { KeyStore } from '../key/create-key-store.ts'
import type { CertificateRegistry, Medium, RegisteredCertificate, Relation, RevocationReason } from '../registry.ts'
import { issueToken } from './issue-token.ts'
import { LifeEventRefused, type CertificateChange, type LifeEventName, type LifeEventOrder } from './life-event.ts'
import type { Resident, Token } from './token.ts'

/** Where an event happens, and what it may touch. Its changes are written down as they are made. */
export interface Scene {
  readonly keys: KeyStore
  readonly registry: CertificateRegistry
  readonly calendar: Calendar
  readonly at: Date
  /** Of the CA that issues now. */
  readonly generation: number
  readonly changes: CertificateChange[]
  /** Somebody has died; no event can happen to them any more. */
  readonly bury: (person: string) => void
}

type Handler<Name extends LifeEventName> = (
  scene: Scene,
  before: Resident,
  order: Extract<LifeEventOrder, { readonly event: Name }>,
) => Resident

/**
 * What an event does to the certificates (jpki.md §4.2). Some change nothing about log-in: who moves or marries keeps the
 * authentication certificate, because it holds neither name nor address.
 */
export const HANDLERS: { readonly [Name in Exclude<LifeEventName, 'issue'>]: Handler<Name> } = {
  renew(scene, before) {
    requireGoodCard(scene, before)
    return { ...before, ...replaceToken(scene, before, 'card', 'renewed', 'superseded') }
  },
  reissue(scene, before, { reason = 'keyCompromise' }) {
    return { ...before, ...replaceToken(scene, before, 'card', 'reissued', reason) }
  },
  // Never lifted in practice, so there is no event that does.
  hold(scene, before) {
    requireGoodCard(scene, before)
    for (const purpose of PURPOSES) revoke(scene, before.card, purpose, 'certificateHold')
    return before
  },
  move(scene, before, { address = '架空県関所市新町二丁目２番２号' }) {
    return endSignatures(scene, { ...before, holder: { ...before.holder, address } })
  },
  marry(scene, before, { name = `縁結\u3000${givenNameOf(before.holder)}` }) {
    return endSignatures(scene, { ...before, holder: { ...before.holder, name } })
  },
  die(scene, before) {
    for (const entry of scene.registry.list().filter(({ person }) => person === before.person)) {
      revokeEntry(scene, entry, 'cessationOfOperation')
    }
    scene.bury(before.person)
    return before
  },
  // Whether the national service knows one phone after the other is not known (jpki.md §4.3); this one does.
  phone(scene, before) {
    requireGoodCard(scene, before)
    return { ...before, ...replaceToken(scene, before, 'phone', 'reissued', 'superseded') }
  },
}

/** New keys, new numbers, of the CA that issues now; what they replace dies with the reason given. */
function replaceToken(
  scene: Scene,
  before: Resident,
  medium: Medium,
  relation: Relation,
  reason: RevocationReason,
): Pick<Resident, 'issued'> & Partial<Pick<Resident, Medium>> {
  const old = before[medium]
  const issued = { ...before.issued, [medium]: before.issued[medium] + 1 }
  if (old !== undefined) for (const purpose of PURPOSES) revoke(scene, old, purpose, reason)
  const token = issueToken(scene, {
    persona: before.persona,
    person: before.person,
    medium,
    label: `persona ${before.persona} ${medium} ${issued[medium]}`,
    generation: scene.generation,
    notBefore: new Date(Math.floor(scene.at.getTime() / 1000) * 1000),
    birthday: before.birthday,
    holder: before.holder,
    replaces: old && { token: old, relation },
  })
  noteIssued(scene, token, old && relation)
  return { issued, [medium]: token }
}

export function noteIssued(scene: Pick<Scene, 'changes'>, token: Token, relation: Relation | undefined): void {
  for (const purpose of PURPOSES) {
    const { authority, serialNumber } = token[purpose]
    scene.changes.push({ authority, serialNumber, medium: token.medium, purpose, change: 'issued', relation })
  }
}

/** After the full-width space. */
const givenNameOf = ({ name }: Resident['holder']): string => name.split('\u3000').at(-1) ?? name

/** Name or address has changed: signature certificates hold both (jpki.md §2.4). */
function endSignatures(scene: Scene, after: Resident): Resident {
  for (const token of [after.card, after.phone]) {
    if (token !== undefined) revoke(scene, token, 'signature', 'affiliationChanged')
  }
  return after
}

function revoke(scene: Scene, token: Token, purpose: 'authentication' | 'signature', reason: RevocationReason): void {
  const { authority, serialNumber } = token[purpose]
  const entry = scene.registry.find(authority, serialNumber)
  if (entry !== undefined) revokeEntry(scene, entry, reason)
}

/** What is revoked stays so, with its date and reason; only a hold can turn into something final (RFC 5280 §5.3.1). */
function revokeEntry({ registry, at, changes }: Scene, entry: RegisteredCertificate, reason: RevocationReason): void {
  const { authority, serialNumber, status, medium = 'card' } = entry
  if (status.status === 'revoked' && status.reason !== 'certificateHold') return
  registry.setStatus(authority, serialNumber, { status: 'revoked', at, reason })
  const purpose = authority.startsWith('signature') ? 'signature' : 'authentication'
  changes.push({ authority, serialNumber, medium, purpose, change: 'revoked', reason })
}

function requireGoodCard({ registry }: Scene, { card }: Resident): void {
  const { authority, serialNumber } = card.authentication
  if (registry.find(authority, serialNumber)?.status.status !== 'good') throw new LifeEventRefused('CARD_REVOKED')
}
