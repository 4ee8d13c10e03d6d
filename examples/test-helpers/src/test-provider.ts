/** The state of `npx sekisho demo`, as its persona page tells it. */
export interface TestProviderState {
  readonly card: string | null
  readonly tries_left: number | null
  readonly linkage: 'up' | 'down'
  readonly revocation: 'up' | 'down'
  readonly personas: readonly { readonly name: string; readonly sign_in_ends_with: string | null }[]
}

/** Moves a running `npx sekisho demo`. */
export interface TestProvider {
  state(): Promise<TestProviderState>
  /** Whose card lies on the reader, with all its PIN tries; `new` is somebody who was never here before, null takes the card away. */
  putCard(persona: string | null): Promise<TestProviderState>
  setServices(services: { linkage?: 'up' | 'down'; revocation?: 'up' | 'down' }): Promise<TestProviderState>
  /** Registers your site, or replaces its registration: the fields of docs/relying-parties.md. */
  registerClient(registration: Readonly<Record<string, unknown>>): Promise<void>
}

/** @param address of the persona page, as `npx sekisho demo` prints it */
export function createTestProvider(address = 'http://localhost:3004'): TestProvider {
  const ask = async (path: string, order?: object): Promise<unknown> => {
    const response = await fetch(new URL(path, address), {
      ...(order && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      }),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
  return {
    state: async () => (await ask('/api')) as TestProviderState,
    putCard: async (persona) => (await ask('/api/card', { persona })) as TestProviderState,
    setServices: async (services) => (await ask('/api/services', services)) as TestProviderState,
    registerClient: async (registration) => {
      await ask('/api/clients', registration)
    },
  }
}
