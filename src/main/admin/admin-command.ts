import { randomBytes, randomUUID } from 'node:crypto'
import { Argument, Command, Option } from 'commander'
import { createAdministrators, type Administrators } from '../../administration/create-administrators.ts'
import { ROLES, type Role } from '../../administration/role.ts'
import { createAdminStore } from '../../storage/admin-store.ts'
import { CommandRefused } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { isAdminCode, tellRefusal } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'
import { printAdministrators } from './print-administrators.ts'

/** sysexits.h EX_CONFIG. */
const EX_CONFIG = 78

interface Options {
  readonly json?: true
}

interface InviteOptions extends Options {
  readonly role: Role
  readonly ownersLost?: true
}

interface Answer {
  readonly text: string
  readonly json: unknown
}

/** `sekisho admin …`: who administers. What is done here is recorded as done by the operator. */
export function adminCommand(): Command {
  return new Command('admin')
    .description('who may use the administrators’ console, and for what')
    .addCommand(
      new Command('invite')
        .description(
          'print a link, shown once, that makes an administrator of whoever taps their card there first (24 hours)',
        )
        .addOption(new Option('--role <role>', 'what for').choices([...ROLES]).default('owner'))
        .option('--owners-lost', 'no owner can sign in any more: invite another one although there are some')
        .option('--json', 'print JSON')
        .action((options: InviteOptions) =>
          run(options, async (administrators, origin) => {
            if (origin === undefined) {
              throw new CommandRefused(EX_CONFIG, 'ADMIN_ORIGIN is not set: there is no console to invite to.')
            }
            const { token, role, expiresAt } = await administrators.invite(options.role, 'operator', {
              ownersLost: options.ownersLost === true,
            })
            const link = `${origin}/admin/invitation?token=${token}`
            return {
              json: { link, role, expiresAt },
              text: `${role}, good once until ${expiresAt.toISOString()}, shown this once and never again:\n${link}`,
            }
          }),
        ),
    )
    .addCommand(
      new Command('list')
        .description('administrators and open invitations')
        .option('--json', 'print JSON')
        .action((options: Options) =>
          run(options, async (administrators) => {
            const state = await administrators.list()
            return { json: state, text: printAdministrators(state) }
          }),
        ),
    )
    .addCommand(
      new Command('remove')
        .description('take the role of an account away; not of the last owner')
        .argument('<account>', 'id of the account')
        .option('--json', 'print JSON')
        .action((accountId: string, options: Options) =>
          run(options, async (administrators) => {
            await administrators.remove(accountId.toLowerCase(), 'operator')
            return { json: { accountId, removed: true }, text: `${accountId} is no administrator any more` }
          }),
        ),
    )
    .addCommand(
      new Command('set-role')
        .description('give an administrator another role; not to the last owner')
        .argument('<account>', 'id of the account')
        .addArgument(new Argument('<role>', 'the new role').choices([...ROLES]))
        .option('--json', 'print JSON')
        .action((accountId: string, role: Role, options: Options) =>
          run(options, async (administrators) => {
            await administrators.changeRole(accountId.toLowerCase(), role, 'operator')
            return { json: { accountId, role }, text: `${accountId} is ${role} now` }
          }),
        ),
    )
}

async function run(
  { json }: Options,
  work: (administrators: Administrators, origin: string | undefined) => Promise<Answer>,
): Promise<void> {
  try {
    const config = readConfig(process.env)
    const answer = await withDatabase(config, (database) =>
      work(
        createAdministrators({
          store: createAdminStore(database),
          now: () => new Date(),
          random: (octets) => new Uint8Array(randomBytes(octets)),
          newId: randomUUID,
        }),
        config.admin?.origin,
      ),
    )
    console.log(json === true ? JSON.stringify(answer.json, null, 2) : answer.text)
  } catch (fault) {
    tellRefusal(fault, { isAnswer: isAdminCode, json })
  }
}
