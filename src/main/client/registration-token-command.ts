import { randomBytes } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { digestRegistrationToken, drawRegistrationToken } from '../../relying-party/dynamic/registration-token.ts'
import { createRegistrationTokenStore } from '../../storage/registration-token-store.ts'
import { parseDuration } from '../parse-duration.ts'
import { readConfig } from '../read-config.ts'
import { tellRefusal } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'

interface TokenOptions {
  readonly owner: string
  readonly uses: number
  readonly for: number
  readonly json?: true
}

const MAX_USES = 1000

/** `sekisho client token`: an initial access token (RFC 7591 §1.2), shown once. */
export function registrationTokenCommand(): Command {
  return new Command('token')
    .description('a token with which a program may register clients itself (CLIENT_REGISTRATION=token); shown once')
    .requiredOption('--owner <who>', 'who answers for what is registered with it')
    .option('--uses <n>', 'how many clients', parseUses, 1)
    .option('--for <time>', 'how long, as 30m, 24h, 7d', parseTime, parseTime('24h'))
    .option('--json', 'print JSON')
    .action(async ({ owner, uses, for: forMs, json }: TokenOptions) => {
      const token = drawRegistrationToken(randomBytes)
      const createdAt = new Date()
      const expiresAt = new Date(createdAt.getTime() + forMs)
      try {
        await withDatabase(readConfig(process.env), (database) =>
          createRegistrationTokenStore(database).insert({
            digest: digestRegistrationToken(token),
            owner,
            usesLeft: uses,
            createdAt,
            expiresAt,
          }),
        )
      } catch (fault) {
        tellRefusal(fault)
        return
      }
      const words = `good for ${uses} until ${expiresAt.toISOString()}, shown this once and never again:\n${token}`
      console.log(json === true ? JSON.stringify({ token, owner, uses, expiresAt }, null, 2) : words)
    })
}

function parseUses(text: string): number {
  const uses = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.NaN
  if (!(uses <= MAX_USES)) throw new InvalidArgumentError(`must be a number from 1 to ${MAX_USES}`)
  return uses
}

function parseTime(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('must be a time as 30m, 24h or 7d')
  return ms
}
