import { Command, InvalidArgumentError, Option } from 'commander'
import { Refusal } from '../../error-registry/refusal.ts'
import { createClientRegistry } from '../../relying-party/client-registry.ts'
import { createClientStore } from '../../storage/client-store.ts'
import { openLinks, type OpenedLinks } from '../open-links.ts'
import { parseDuration } from '../parse-duration.ts'
import { readConfig } from '../read-config.ts'
import { tellRefusal } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'

interface CommonOptions {
  readonly json?: true
}

interface TicketOptions extends CommonOptions {
  readonly label?: string
  readonly returnUrl?: string
  readonly for: number
}

/** What a command prints: for people, and with `--json` for programs. */
interface Answer {
  readonly text: string
  readonly json: unknown
}

const json = ['--json', 'print JSON'] as const

/** `sekisho link …`: which users of which site are people here. What a site does by its API, an operator does here. */
export function linkCommand(): Command {
  return new Command('link')
    .description('users of sites who are linked to cards (docs/relying-parties/linking.md)')
    .addCommand(
      new Command('list')
        .argument('<client id>')
        .description('the linked users of a site, in the order in which they were linked')
        .option('--after <cursor>', 'go on where a list ended')
        .option(...json)
        .action((clientId: string, options: CommonOptions & { after?: string }) =>
          run(options, async ({ accounts, requireClient }) => {
            await requireClient(clientId)
            const page = await accounts.list(clientId, { cursor: options.after })
            return { json: page, text: describePage(page) }
          }),
        ),
    )
    .addCommand(
      new Command('remove')
        .argument('<client id>')
        .argument('<external id>', 'what the site calls its user')
        .description('end a link; open tickets of the same user end with it')
        .option(...json)
        .action((clientId: string, externalId: string, options: CommonOptions) =>
          run(options, async ({ accounts }) => {
            await accounts.remove(clientId, externalId, 'operator')
            return { json: { clientId, externalId }, text: 'removed' }
          }),
        ),
    )
    .addCommand(
      new Command('ticket')
        .argument('<client id>')
        .argument('<external id>', 'what the site calls its user')
        .description('an address that links the user to whoever opens it, signs in and confirms; shown once')
        .option('--label <text>', 'how the site names this user towards people')
        .option('--return-url <address>', 'where the browser goes afterwards; one of the site’s linkReturnUris')
        .addOption(
          new Option('--for <time>', 'how long, as 10m, 24h, 7d').argParser(parseTime).default(parseTime('10m'), '10m'),
        )
        .option(...json)
        .action((clientId: string, externalId: string, options: TicketOptions) =>
          run(options, async ({ tickets }) => {
            const request = {
              external_id: externalId,
              expires_in: options.for / 1000,
              ...(options.label === undefined ? {} : { label: options.label }),
              ...(options.returnUrl === undefined ? {} : { return_url: options.returnUrl }),
            }
            const { ticket, url } = await tickets.make(clientId, request, { actor: 'operator' })
            const words = `good once until ${ticket.expiresAt.toISOString()}; whoever opens it can be this user: give it to nobody else\n${url}`
            return { json: { ...ticket, url }, text: words }
          }),
        ),
    )
}

async function run(
  options: CommonOptions,
  work: (links: OpenedLinks & { readonly requireClient: (clientId: string) => Promise<void> }) => Promise<Answer>,
): Promise<void> {
  const isJson = options.json === true
  try {
    const config = readConfig(process.env)
    const answer = await withDatabase(config, (database) => {
      const now = (): Date => new Date()
      const clients = createClientRegistry({ store: createClientStore(database), now })
      const requireClient = async (clientId: string): Promise<void> => {
        if ((await clients.find(clientId)) === undefined) throw new Refusal('CLIENT_NOT_FOUND')
      }
      return work({ ...openLinks({ database, clients, issuer: config.issuer, now }), requireClient })
    })
    console.log(isJson ? JSON.stringify(answer.json, null, 2) : answer.text)
  } catch (fault) {
    tellRefusal(fault, { isAnswer: (code) => /^(?:LINK|CLIENT)_/.test(code), json: isJson })
  }
}

function describePage({ links, nextCursor }: Awaited<ReturnType<OpenedLinks['accounts']['list']>>): string {
  if (links.length === 0) return 'no user is linked'
  return [
    ...links.map(({ externalId, linkedAt }) => `${linkedAt.toISOString()}\t${externalId}`),
    ...(nextCursor === undefined ? [] : [`(more: --after ${nextCursor})`]),
  ].join('\n')
}

function parseTime(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('must be a time as 10m, 24h or 7d')
  return ms
}
