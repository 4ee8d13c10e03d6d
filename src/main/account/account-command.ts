import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { createAccountGraphStore } from '../../storage/account-graph-store.ts'
import { createAccountGraph, type AccountGraph, type Author } from '../../subject/graph/create-account-graph.ts'
import { readConfig } from '../read-config.ts'
import { isAdminCode, tellRefusal } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'
import { describeAccount, printAccount, printCandidates, printOperations } from './print-account.ts'

interface ShowOptions {
  readonly json?: true
}

interface ChangeOptions extends ShowOptions {
  readonly reason: string
}

/** What a command prints: for people, and with `--json` for programs. */
interface Answer {
  readonly text: string
  readonly json: unknown
}

/** `sekisho account …`: accounts, the cards that lead to them, and what is done to them by hand. Never a serial. */
export function accountCommand(): Command {
  return new Command('account')
    .description('accounts, the cards that lead to them, and what is done to them by hand; each change can be undone')
    .addCommand(
      show(
        'show',
        '<account>',
        'an account by its id, or by what a site calls it (sub)',
        async (graph, [text = '']) => {
          const { accountId, snapshot } = await graph.show(text)
          const account = describeAccount(accountId, snapshot)
          return { json: account, text: printAccount(account) }
        },
      ),
    )
    .addCommand(
      show('history', '<account>', 'what was done to an account by hand, newest first', async (graph, [text = '']) => {
        const { accountId } = await graph.show(text)
        const operations = (await graph.history(accountId)).map(({ changes: _changes, ...rest }) => rest)
        return { json: operations, text: printOperations(operations) }
      }),
    )
    .addCommand(
      show(
        'candidates',
        '',
        'pairs of accounts that one chain of cards has reached: perhaps to be merged',
        async (graph) => {
          const candidates = await graph.mergeCandidates()
          return { json: candidates, text: printCandidates(candidates) }
        },
      ),
    )
    .addCommand(
      change(
        'link',
        '<credential> <account>',
        'put a card into an account',
        (graph, [credentialId = '', accountId = ''], by, { replaces }) =>
          graph.link({ credentialId, accountId, ...(replaces === undefined ? {} : { supersedes: replaces }) }, by),
      ).option('--replaces <credential>', 'the card of the account that it replaces'),
    )
    .addCommand(
      change('unlink', '<credential>', 'a card may not sign in any more', (graph, [credentialId = ''], by) =>
        graph.unlink({ credentialId }, by),
      ),
    )
    .addCommand(
      change('merge', '<account> <into>', 'two accounts are one person', (graph, [accountId = '', into = ''], by) =>
        graph.merge({ accountId, into }, by),
      ),
    )
    .addCommand(
      change(
        'split',
        '<account> <credentials...>',
        'some cards belong to somebody else',
        async (graph, [accountId = '', ...ids], by) => {
          const { operationId, newAccountId } = await graph.split({ accountId, credentialIds: ids }, by)
          console.error(`new account ${newAccountId}`)
          return operationId
        },
      ),
    )
    .addCommand(
      change('suspend', '<account>', 'nobody signs in to it; sessions and tokens end', (graph, [accountId = ''], by) =>
        graph.suspend(accountId, by),
      ),
    )
    .addCommand(
      change(
        'reopen',
        '<account>',
        'after a suspension, or within 30 days after closing',
        (graph, [accountId = ''], by) => graph.reopen(accountId, by),
      ),
    )
    .addCommand(
      change('close', '<account>', 'for good; 30 days to reopen it', (graph, [accountId = ''], by) =>
        graph.close(accountId, by),
      ),
    )
    .addCommand(
      change('undo', '<operation>', 'take an operation of “history” back', (graph, [operationId = ''], by) =>
        graph.undo(operationId, by),
      ),
    )
}

function show(
  name: string,
  args: string,
  description: string,
  work: (graph: AccountGraph, args: readonly string[]) => Promise<Answer>,
): Command {
  return (
    withArguments(new Command(name), args)
      .description(description)
      .option('--json', 'print JSON')
      // one sub in sixty-four begins with a dash, and some of those with “-h”
      .allowUnknownOption()
      .helpOption('--help', 'display help for command')
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command
        await run(command.opts<ShowOptions>(), (graph) => work(graph, flat(command)))
      })
  )
}

function change(
  name: string,
  args: string,
  description: string,
  work: (
    graph: AccountGraph,
    args: readonly string[],
    by: Author,
    options: ChangeOptions & { readonly replaces?: string },
  ) => Promise<string>,
): Command {
  return withArguments(new Command(name), args)
    .description(description)
    .requiredOption('--reason <text>', 'for whoever reads the log')
    .option('--json', 'print JSON')
    .action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command
      const options = command.opts<ChangeOptions & { replaces?: string }>()
      await run(options, async (graph) => {
        const operationId = await work(graph, flat(command), { actor: 'operator', reason: options.reason }, options)
        return { json: { operationId }, text: `operation ${operationId}` }
      })
    })
}

function withArguments(command: Command, args: string): Command {
  return args === '' ? command : command.arguments(args)
}

function flat({ processedArgs }: Command): readonly string[] {
  return (processedArgs as (string | string[])[]).flat()
}

async function run({ json }: ShowOptions, work: (graph: AccountGraph) => Promise<Answer>): Promise<void> {
  try {
    const answer = await withDatabase(readConfig(process.env), (database) =>
      work(createAccountGraph({ store: createAccountGraphStore(database), now: () => new Date(), newId: randomUUID })),
    )
    console.log(json === true ? JSON.stringify(answer.json, null, 2) : answer.text)
  } catch (fault) {
    tellRefusal(fault, { isAnswer: isAdminCode, json })
  }
}
