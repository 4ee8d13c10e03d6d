import { readFileSync } from 'node:fs'
import { Command } from 'commander'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Loaded one at a time: whoever has a certificate checked does not wait for the provider's parts. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve-command.ts')).serveCommand(),
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand(),
  migrate: async () => (await import('./migrate-command.ts')).migrateCommand(),
  database: async () => (await import('./database/database-command.ts')).databaseCommand(),
  client: async () => (await import('./client/client-command.ts')).clientCommand(),
  key: async () => (await import('./key/key-command.ts')).keyCommand(),
  account: async () => (await import('./account/account-command.ts')).accountCommand(),
  proposal: async () => (await import('./proposal/proposal-command.ts')).proposalCommand(),
  link: async () => (await import('./link/link-command.ts')).linkCommand(),
  admin: async () => (await import('./admin/admin-command.ts')).adminCommand(),
  audit: async () => (await import('./audit/audit-command.ts')).auditCommand(),
  recover: async () => (await import('./recover/recover-command.ts')).recoverCommand(),
  pepper: async () => (await import('./pepper/pepper-command.ts')).pepperCommand(),
  'short-lived': async () => (await import('./short-lived/short-lived-command.ts')).shortLivedCommand(),
  doctor: async () => (await import('./doctor/doctor-command.ts')).doctorCommand(),
  certificate: async () => (await import('./certificate-check.ts')).certificateCommand(),
  trust: async () => (await import('./trust.ts')).trustCommand(),
}

/** `sekisho`: one file a sub-command; each says in `--help` what it needs from the environment. */
const program = new Command('sekisho')
  .description('OpenID Connect provider whose log-in is Japan’s My Number Card')
  .version(version)
  // an argument of a command may look like an option of the program: a sub that begins with “-V”
  .enablePositionalOptions()
  .showHelpAfterError('(run with --help for what is possible)')
  .addHelpText('after', '\nConfiguration comes from the environment: docs/config.md lists every name.')

const [, , named = ''] = process.argv
const wanted = Object.hasOwn(COMMANDS, named) ? [named] : Object.keys(COMMANDS)
for (const name of wanted) {
  const command = await COMMANDS[name]?.().catch((fault: unknown) => standIn(name, fault))
  if (command !== undefined) program.addCommand(command)
}

await program.parseAsync()

/** The image of production has no virtual cards, and so no demonstration; everything else is there. */
function standIn(name: string, fault: unknown): Command {
  if (!(fault instanceof Error && 'code' in fault && fault.code === 'ERR_MODULE_NOT_FOUND')) throw fault
  return new Command(name).description('(not part of this installation)').action(() => {
    console.error(`“${name}” is not part of this installation: ${fault.message}`)
    process.exitCode = 69
  })
}
