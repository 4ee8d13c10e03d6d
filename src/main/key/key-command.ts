import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from 'commander'
import type { Config } from '../../config/config.ts'
import { createSealer } from '../../sealing/create-sealer.ts'
import { createKeyRotation, type KeyRotation } from '../../signing-key/create-key-rotation.ts'
import { resealNonceSecret } from '../../signing-key/nonce-secret.ts'
import { successorOf } from '../../signing-key/plan-rotation.ts'
import { SigningKeyRefused } from '../../signing-key/signing-key-states.ts'
import {
  SIGNING_ALGORITHMS,
  type KeyMove,
  type SigningAlgorithm,
  type SigningKeyStore,
} from '../../signing-key/signing-key-store.ts'
import { createServerSecretStore } from '../../storage/server-secret-store.ts'
import { createSigningKeyStore } from '../../storage/signing-key-store.ts'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { rotationPolicyOf } from '../rotation-policy-of.ts'
import { withDatabase } from '../with-database.ts'
import { describeKeys, describeMoves, describeStatus, statusOf, toJson } from './print-keys.ts'

interface CommonOptions {
  readonly json?: true
}

/** How long `rotate --now` lets the running processes see a new key before it signs: they are told within milliseconds. */
const PROPAGATION_MS = 5000

/** `sekisho key …`: the keys that sign tokens, of the configured database. Running servers follow within a moment. */
export function keyCommand(): Command {
  const command = new Command('key').description('the keys that sign tokens')
  const json = ['--json', 'print JSON'] as const

  command.addCommand(
    new Command('list')
      .description('every key: id, algorithm, state, since when')
      .option(...json)
      .action((options: CommonOptions) =>
        run(options, async ({ store }) => {
          const keys = await store.list()
          return { json: keys.map(toJson), text: describeKeys(keys) }
        }),
      ),
  )
  command.addCommand(
    new Command('status')
      .description('what signs now and what comes next; fails when an algorithm has no key or its rotation is overdue')
      .option(...json)
      .action((options: CommonOptions) =>
        run(options, async ({ store, config }) => {
          const status = statusOf(await store.list(), new Date(), rotationPolicyOf(config))
          if (status.some(({ fault }) => fault !== undefined)) process.exitCode = 1
          return { json: status, text: describeStatus(status) }
        }),
      ),
  )
  command.addCommand(
    new Command('rotate')
      .description('publish the next keys now; they sign after SIGNING_KEY_PUBLISH_AHEAD_DAYS')
      .addOption(new Option('--algorithm <alg>', 'only this one').choices([...SIGNING_ALGORITHMS]))
      .option(
        '--now',
        'let them sign at once: sites that look no further than their cached JWKS will fail until it expires',
      )
      .option(...json)
      .action((options: CommonOptions & { algorithm?: SigningAlgorithm; now?: true }) =>
        change(options, async (rotation, store) => {
          const algorithms = options.algorithm === undefined ? SIGNING_ALGORITHMS : [options.algorithm]
          const moves: KeyMove[] = []
          for (const algorithm of algorithms) moves.push(...(await rotation.publishNext(algorithm)))
          if (options.now !== true) return moves
          await pause(PROPAGATION_MS)
          for (const algorithm of algorithms) {
            const successor = successorOf(await store.list(), algorithm)
            if (successor !== undefined) moves.push(...(await rotation.activate(successor.kid)))
          }
          return moves
        }),
      ),
  )
  command.addCommand(
    new Command('activate')
      .argument('<kid>')
      .description('let a published key sign at once, or a retired one again: the way back from a rotation')
      .option(...json)
      .action((kid: string, options: CommonOptions) => change(options, (rotation) => rotation.activate(kid))),
  )
  command.addCommand(
    new Command('retire')
      .argument('<kid>')
      .description('take a key out of use; the next one signs. It stays in the JWKS while its tokens live')
      .option('--compromised', 'out of the JWKS at once: what it signed is not believed any more')
      .option(...json)
      .action((kid: string, options: CommonOptions & { compromised?: true }) =>
        change(options, (rotation) => rotation.retire(kid, { compromised: options.compromised === true })),
      ),
  )
  command.addCommand(
    new Command('reseal')
      .description('encrypt every private key and secret anew that is encrypted with an older KEY_ENCRYPTION_KEY')
      .option(...json)
      .action((options: CommonOptions) =>
        run(options, async ({ rotation, resealSecrets }) => {
          const keys = await rotation.reseal()
          const secret = await resealSecrets()
          const [resealed, current] = [keys.resealed + Number(secret === true), keys.current + Number(secret === false)]
          return { json: { resealed, current }, text: `${resealed} resealed, ${current} already current` }
        }),
      ),
  )
  return command
}

interface Opened {
  readonly rotation: KeyRotation
  readonly store: SigningKeyStore
  readonly config: Config
  readonly resealSecrets: () => Promise<boolean | undefined>
}

function change(
  options: CommonOptions,
  work: (rotation: KeyRotation, store: SigningKeyStore) => Promise<readonly KeyMove[]>,
): Promise<void> {
  return run(options, async ({ rotation, store }) => {
    const moves = await work(rotation, store)
    return { json: moves, text: describeMoves(moves) }
  })
}

async function run(
  { json }: CommonOptions,
  work: (opened: Opened) => Promise<{ readonly json: unknown; readonly text: string }>,
): Promise<void> {
  const now = (): Date => new Date()
  try {
    const config = readConfig(process.env)
    const answer = await withDatabase(config, (database) => {
      const store = createSigningKeyStore(database)
      const sealer = createSealer(config.keyEncryptionKeys.reveal())
      const rotation = createKeyRotation({ store, sealer, policy: rotationPolicyOf(config), now })
      const resealSecrets = () => resealNonceSecret(createServerSecretStore(database), sealer)
      return work({ rotation, store, config, resealSecrets })
    })
    console.log(json === true ? JSON.stringify(answer.json, null, 2) : answer.text)
  } catch (fault) {
    if (!(fault instanceof SigningKeyRefused) && !(fault instanceof CommandRefused)) throw fault
    console.error(json === true ? JSON.stringify({ error: 'KEY_REFUSED', message: fault.message }) : fault.message)
    process.exitCode = fault instanceof CommandRefused ? fault.exitCode : EX_DATAERR
  }
}
