import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { accountCommand } from './account/account-command.ts'
import { certificateCommand } from './certificate-check.ts'
import { clientCommand } from './client/client-command.ts'
import { demoCommand } from './demo/demo-command.ts'
import { keyCommand } from './key/key-command.ts'
import { migrateCommand } from './migrate-command.ts'
import { pepperCommand } from './pepper/pepper-command.ts'
import { serveCommand } from './serve-command.ts'
import { trustCommand } from './trust.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** `sekisho`: one file a sub-command; each says in `--help` what it needs from the environment. */
const program = new Command('sekisho')
  .description('OpenID Connect provider whose log-in is Japan’s My Number Card')
  .version(version)
  .showHelpAfterError('(run with --help for what is possible)')
  .addHelpText('after', '\nConfiguration comes from the environment: docs/config.md lists every name.')
  .addCommand(serveCommand())
  .addCommand(demoCommand())
  .addCommand(migrateCommand())
  .addCommand(clientCommand())
  .addCommand(keyCommand())
  .addCommand(accountCommand())
  .addCommand(pepperCommand())
  .addCommand(certificateCommand())
  .addCommand(trustCommand())

await program.parseAsync()
