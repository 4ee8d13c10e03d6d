import type { CertificateIdentity } from '../../src/certificate/judgement.ts'
import type { LinkageQuestion, LinkageService, Replacement } from '../../src/subject/linkage-service.ts'

type Previous = Extract<LinkageService, { style: 'previous' }>
type Person = Extract<LinkageService, { style: 'person' }>

/** The nation in memory: which card replaced which, who holds it, and whether anybody answers. */
export interface ScriptedLinkage {
  readonly previous: Previous
  readonly person: Person
  /** How many questions were asked. */
  readonly asked: number
  replaces(newer: CertificateIdentity, older: CertificateIdentity, relation?: Replacement): void
  holds(person: string, card: CertificateIdentity): void
  /** From now on nobody answers, for these cards or for all. */
  goDown(cards?: readonly CertificateIdentity[]): void
  comeBack(): void
}

const keyOf = ({ issuerNameDer, serialNumber }: LinkageQuestion): string =>
  `${Buffer.from(issuerNameDer).toString('hex')} ${Buffer.from(serialNumber).toString('hex')}`

export function createScriptedLinkage(asOf = new Date('2026-11-22T00:00:00Z')): ScriptedLinkage {
  const before = new Map<string, { readonly card: CertificateIdentity; readonly relation: Replacement }>()
  const holders = new Map<string, string>()
  let down: ReadonlySet<string> | 'all' = new Set<string>()
  let asked = 0
  const isDown = (question: LinkageQuestion): boolean => {
    asked += 1
    return down === 'all' || down.has(keyOf(question))
  }
  return {
    get asked() {
      return asked
    },
    previous: {
      style: 'previous',
      name: 'scripted',
      previousOf(question) {
        if (isDown(question)) return Promise.resolve({ status: 'unavailable', cause: 'scripted' })
        const found = before.get(keyOf(question))
        if (found === undefined) return Promise.resolve({ status: 'none', asOf })
        const { issuerNameDer, serialNumber } = found.card
        return Promise.resolve({
          status: 'found',
          previous: { issuerNameDer, serialNumber },
          relation: found.relation,
          asOf,
        })
      },
    },
    person: {
      style: 'person',
      name: 'scripted',
      personOf(question) {
        if (isDown(question)) return Promise.resolve({ status: 'unavailable', cause: 'scripted' })
        const personId = holders.get(keyOf(question))
        return Promise.resolve(personId === undefined ? { status: 'none', asOf } : { status: 'found', personId, asOf })
      },
    },
    replaces(newer, older, relation = 'renewed') {
      before.set(keyOf(newer), { card: older, relation })
    },
    holds(person, card) {
      holders.set(keyOf(card), person)
    },
    goDown(cards) {
      down = cards === undefined ? 'all' : new Set(cards.map(keyOf))
    },
    comeBack() {
      down = new Set()
    },
  }
}
