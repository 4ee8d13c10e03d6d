import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { ChangedClient, ClientAdministration } from '../../relying-party/client-administration.ts'
import { ClientRefused } from '../../relying-party/client-refused.ts'
import { importClients, readImport, type ImportedLine } from '../../relying-party/import-clients.ts'
import { CommandRefused, EX_DATAERR, EX_NOINPUT } from '../command-refused.ts'
import { parseDuration } from '../parse-duration.ts'
import { readConfig } from '../read-config.ts'
import { withDatabase } from '../with-database.ts'
import { openClientWork } from './open-client-work.ts'
import { registrationTokenCommand } from './registration-token-command.ts'
import { describeChange, describeClient, describeList } from './print-client.ts'
import { addRegistrationOptions, readRegistrationOptions } from './registration-options.ts'

interface CommonOptions extends Readonly<Record<string, unknown>> {
  readonly json?: true
}

const DAY = '24h'

/** `sekisho client …`: the sites that may send people here, of the configured database. */
export function clientCommand(): Command {
  const command = new Command('client').description('the sites, programs and APIs that may use this provider')
  const json = ['--json', 'print JSON'] as const

  command.addCommand(
    addRegistrationOptions(new Command('add').description('register a client; a secret is shown once'))
      .option('--id <client id>', 'its client_id; drawn when left out')
      .option(...json)
      .action((options: CommonOptions & { id?: string }) =>
        change(options, async (clients) => {
          const fields = await readRegistrationOptions(options)
          return clients.add(options.id === undefined ? fields : { ...fields, clientId: options.id })
        }),
      ),
  )
  command.addCommand(
    new Command('list')
      .description('every client: id, status, names, owner')
      .option(...json)
      .action((options: CommonOptions) =>
        run(options, async (clients) => {
          const views = await clients.list()
          return { json: views, text: describeList(views) }
        }),
      ),
  )
  command.addCommand(
    new Command('show')
      .argument('<client id>')
      .description('one client, without its secrets')
      .option(...json)
      .action((clientId: string, options: CommonOptions) =>
        run(options, async (clients) => {
          const view = await clients.show(clientId)
          return { json: view, text: describeClient(view) }
        }),
      ),
  )
  command.addCommand(
    addRegistrationOptions(
      new Command('update').argument('<client id>').description('change the fields that are named'),
    )
      .option('--if-version <n>', 'only if it is still at this version', parseVersion)
      .option('--allow-new-subjects', 'even if the site will know everybody under another sub')
      .option(...json)
      .action((clientId: string, options: CommonOptions & { ifVersion?: number; allowNewSubjects?: true }) =>
        change(options, async (clients) => {
          const { ifVersion, allowNewSubjects = false } = options
          const version = ifVersion === undefined ? {} : { version: ifVersion }
          return clients.update(clientId, await readRegistrationOptions(options), { ...version, allowNewSubjects })
        }),
      ),
  )
  command.addCommand(
    new Command('rotate-secret')
      .argument('<client id>')
      .description('a new secret, shown once; the one before is accepted a while longer')
      .option('--keep-old-for <time>', 'as 30m, 24h, 7d; 0 ends it at once', parseKeepOld, parseKeepOld(DAY))
      .option(...json)
      .action((clientId: string, options: CommonOptions & { keepOldFor: number }) =>
        change(options, (clients) => clients.rotateSecret(clientId, { keepOldForMs: options.keepOldFor })),
      ),
  )
  command.addCommand(
    new Command('import')
      .argument('<file>', 'one registration as JSON on each line, “-” for standard input')
      .description('register many clients: all of them, or none; every secret is shown once')
      .option('--dry-run', 'say what is wrong, register nothing')
      .option(...json)
      .action(importFile),
  )
  command.addCommand(registrationTokenCommand())
  for (const [name, disabled, says] of [
    ['disable', true, 'let it be unknown to every endpoint, at once and in every process'],
    ['enable', false, 'let a disabled client be as it was'],
  ] as const) {
    command.addCommand(
      new Command(name)
        .argument('<client id>')
        .description(says)
        .option(...json)
        .action((clientId: string, options: CommonOptions) =>
          change(options, async (clients) => ({
            client: await clients.setDisabled(clientId, disabled),
            clientSecret: undefined,
          })),
        ),
    )
  }
  return command
}

/** Something that changes a client; the audit log tells of it. */
function change(
  options: CommonOptions,
  work: (clients: ClientAdministration) => Promise<ChangedClient>,
): Promise<void> {
  return run(options, async (clients) => {
    const changed = await work(clients)
    return { json: changed, text: describeChange(changed) }
  })
}

/** All of it in one transaction with its record: what cannot be told is not done. */
async function run(
  { json }: CommonOptions,
  work: (clients: ClientAdministration) => Promise<{ readonly json: unknown; readonly text: string }>,
): Promise<void> {
  try {
    const answer = await withDatabase(readConfig(process.env), (database) =>
      openClientWork({ database, now: () => new Date() }).change('operator', work),
    )
    console.log(json === true ? JSON.stringify(answer.json, null, 2) : answer.text)
  } catch (fault) {
    report(fault, json === true)
  }
}

async function importFile(file: string, options: CommonOptions & { readonly dryRun?: true }): Promise<void> {
  return run(options, async (clients) => {
    const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((fault: unknown) => {
      const code = (fault as NodeJS.ErrnoException).code ?? 'unknown'
      throw new CommandRefused(EX_NOINPUT, `${file} cannot be read (${code})`)
    })
    const lines = await readImport(content, { clients, drawId: () => randomBytes(16).toString('base64url') })
    const faults = lines.flatMap(describeFaults)
    if (lines.length === 0) faults.push(`${file} holds no client`)
    if (faults.length > 0) throw new CommandRefused(EX_DATAERR, [...faults, 'Nothing was registered.'].join('\n'))
    if (options.dryRun === true) {
      return { json: lines.map(({ fields }) => fields), text: `${lines.length} clients could be registered.` }
    }
    const added = await importClients(lines, clients)
    return { json: added, text: added.map(describeChange).join('\n\n') }
  })
}

function describeFaults({ number, faults }: ImportedLine): string[] {
  return faults.map(({ field, message }) => `line ${number}: ${field === '' ? '' : `${field} `}${message}`)
}

/** Faults of a registration by field: on standard error, as words or as JSON. */
function report(fault: unknown, json: boolean): void {
  if (fault instanceof z.ZodError) {
    const faults = fault.issues.map(({ path, message }) => ({ field: path.join('.') || '(registration)', message }))
    const words = faults.map(({ field, message }) => `${field}: ${message}`).join('\n')
    console.error(json ? JSON.stringify({ error: 'CLIENT_FIELDS_REFUSED', faults }) : words)
    process.exitCode = EX_DATAERR
    return
  }
  if (!(fault instanceof ClientRefused) && !(fault instanceof CommandRefused)) throw fault
  const error = fault instanceof ClientRefused ? fault.code : 'COMMAND_REFUSED'
  console.error(json ? JSON.stringify({ error, message: fault.message }) : fault.message)
  process.exitCode = fault instanceof ClientRefused ? EX_DATAERR : fault.exitCode
}

function parseVersion(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('must be a number from 1')
  return Number(text)
}

function parseKeepOld(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('must be a time as 30m, 24h or 7d, or 0')
  return ms
}
