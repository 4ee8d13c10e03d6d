import { randomBytes } from 'node:crypto'
import { PERSONAS, type VirtualJpki } from '@sekisho/virtual-jpki'
import type { ClientRegistry } from '../../../relying-party/client-registry.ts'
import type { VirtualReader } from '../virtual-reader.ts'

export type ServiceState = 'up' | 'down'

/** As it is told to programs. */
export interface BenchState {
  /** Whose card lies on the reader; null: none. */
  readonly card: string | null
  readonly tries_left: number | null
  /** Who knows which card came before. Asked once for each card. */
  readonly linkage: ServiceState
  /** OCSP. Good answers are remembered for five minutes, as in production. */
  readonly revocation: ServiceState
  readonly personas: readonly { readonly name: string; readonly sign_in_ends_with: string | null }[]
}

/** Somebody who was never here before, each time somebody else. */
export const SOMEBODY_NEW = 'new'

export interface TestBench {
  state(): BenchState
  /** As it was issued, with all its PIN tries. null takes the card away. @returns false for a name that is no persona */
  putCard(persona: string | null): Promise<boolean>
  setServices(services: {
    readonly linkage?: ServiceState | undefined
    readonly revocation?: ServiceState | undefined
  }): void
  /** @throws ZodError naming the field */
  registerClient(registration: unknown): Promise<void>
}

export function createTestBench({
  jpki,
  reader,
  clients,
}: {
  readonly jpki: VirtualJpki
  readonly reader: VirtualReader
  readonly clients: Pick<ClientRegistry, 'upsert'>
}): TestBench {
  return {
    state: () => ({
      card: reader.persona ?? null,
      tries_left: reader.triesLeft ?? null,
      linkage: jpki.misbehaviours.linkage === undefined ? 'up' : 'down',
      revocation: jpki.misbehaviours.ocsp === undefined ? 'up' : 'down',
      personas: PERSONAS.map(({ name, expectedCode }) => ({ name, sign_in_ends_with: expectedCode ?? null })),
    }),

    async putCard(persona) {
      if (persona === null) {
        reader.takeAway()
        return true
      }
      if (persona === SOMEBODY_NEW) {
        const name = `visitor-${randomBytes(6).toString('hex')}`
        await jpki.event({ event: 'issue', persona: name })
        await reader.useCard(name)
        return true
      }
      if (!jpki.people().some((resident) => resident.persona === persona)) return false
      await reader.useCard(persona, { fresh: true })
      return true
    },

    setServices({ linkage, revocation }) {
      const { ocsp, crl, linkage: standing } = jpki.misbehaviours
      jpki.misbehave({
        crl,
        ocsp: revocation === undefined ? ocsp : revocation === 'down' ? 'http-500' : undefined,
        linkage: linkage === undefined ? standing : linkage === 'down' ? 'down' : undefined,
      })
    },

    // whatever it is: the registry checks it, and names the field that is wrong
    registerClient: (registration) => clients.upsert(registration as Parameters<ClientRegistry['upsert']>[0]),
  }
}
