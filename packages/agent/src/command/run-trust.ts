import type { Dispatcher } from 'undici'
import type { Translate } from '../text/translate.ts'
import { checkIssuer } from '../trust-list/check-issuer.ts'
import type { EditableTrustList } from '../trust-list/open-trust-list-file.ts'
import { TrustListFault, toTrustedProvider } from '../trust-list/trust-list.ts'
import type { Terminal } from './terminal.ts'

export interface TrustDeps {
  readonly trustList: EditableTrustList
  readonly terminal: Terminal
  readonly t: Translate
  readonly dispatcher: Dispatcher
}

/** Shows the issuer, checks the name it gives itself, asks, and only then writes. */
export async function runTrustAdd(
  deps: TrustDeps,
  issuer: string,
  { development, yes }: { development: boolean; yes: boolean },
): Promise<number> {
  const { trustList, terminal, t, dispatcher } = deps
  return reportingFaults(deps, async () => {
    const provider = toTrustedProvider(issuer, { development })
    terminal.say(t('cli.trust.add.checking', { issuer: provider.origin }))
    await checkIssuer(provider, { dispatcher })
    terminal.say(t('cli.trust.add.checked', { issuer: provider.origin, name: provider.name }))
    if (development) terminal.say(t('cli.trust.add.is-development'))
    if (!yes) {
      const answer = await terminal.ask(t('cli.trust.add.question'))
      if (answer === undefined) {
        terminal.complain(t('cli.trust.add.nobody-to-ask'))
        return 1
      }
      if (!/^(y|yes|はい)$/i.test(answer.trim())) {
        terminal.say(t('cli.trust.add.declined'))
        return 1
      }
    }
    const added = await trustList.add(provider)
    terminal.say(t(added ? 'cli.trust.add.added' : 'cli.trust.add.known', { name: provider.name }))
    return 0
  })
}

export async function runTrustList(deps: TrustDeps): Promise<number> {
  const { trustList, terminal, t } = deps
  return reportingFaults(deps, async () => {
    const providers = await trustList.list()
    if (providers.length === 0) terminal.say(t('cli.trust.list.empty'))
    for (const { name, origin, development } of providers) {
      terminal.say(`${name}\t${origin}${development ? `\t${t('cli.trust.list.development')}` : ''}`)
    }
    return 0
  })
}

export async function runTrustRemove(deps: TrustDeps, name: string): Promise<number> {
  const { trustList, terminal, t } = deps
  return reportingFaults(deps, async () => {
    if (await trustList.remove(name)) {
      terminal.say(t('cli.trust.remove.removed', { name }))
      return 0
    }
    terminal.complain(t('cli.trust.remove.unknown', { name }))
    return 1
  })
}

async function reportingFaults({ terminal, t }: TrustDeps, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TrustListFault)) throw error
    terminal.complain(t(`cli.fault.${error.code}`, { detail: error.message }))
    return 1
  }
}
