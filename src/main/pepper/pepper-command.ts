import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { createPepperCensus } from '../../storage/pepper-census.ts'
import { planPepperRotation } from '../../subject/pepper/plan-pepper-rotation.ts'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { refusing } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'
import { describeStatus, NOBODY, roleOf } from './describe-status.ts'
import { formatPeppers, placeOfPeppers, writePeppers } from './write-peppers.ts'

interface RotateOptions {
  readonly print?: true
  readonly abandon?: true
}

const NEXT = {
  introduce:
    'The new pepper is known and not used yet. Restart every server, one after the other; then run “sekisho pepper rotate” again.',
  promote:
    'New cards are kept under the new pepper, and known ones move to it when they are seen. Restart every server, one after the ' +
    'other; “sekisho pepper status” says how far it is, and the next “sekisho pepper rotate” forgets the old one.',
  retire:
    'The old pepper is forgotten. Restart every server, and destroy the old one’s copies when no backup needs it any more.',
} as const

/** `sekisho pepper status|rotate`: the key of the digests by which cards are known. */
export function pepperCommand(): Command {
  return new Command('pepper')
    .description('the key of the digests by which cards are known, and its change')
    .addCommand(
      new Command('status')
        .description('how many cards are kept under which pepper')
        .option('--json', 'print JSON')
        .action(refusing(({ json }: { json?: true }) => showStatus(json === true))),
    )
    .addCommand(
      new Command('rotate')
        .description('take the next step of a change: introduce a new pepper, write under it, forget the old one')
        .option('--print', 'print the next value of HANDLE_PEPPER: it is a secret')
        .option(
          '--abandon',
          'forget the old pepper although cards in use are kept under it: their people become strangers',
        )
        .action(refusing(rotate)),
    )
}

async function showStatus(json: boolean): Promise<void> {
  const config = readConfig(process.env)
  const [counts, missing] = await withDatabase(config, async (database) => {
    const census = createPepperCensus(database)
    return [await census.count(new Date()), await census.missing(config.handlePeppers.reveal().map(versionOf))] as const
  })
  const known = config.handlePeppers.reveal().map(versionOf)
  const rows = [...new Set([...known, ...counts.map(versionOf)])].map((version) => ({
    version,
    role: roleOf(version, known, missing),
    ...(counts.find((one) => one.version === version) ?? NOBODY),
  }))
  if (json) console.log(JSON.stringify(rows, null, 2))
  else for (const line of describeStatus(rows)) console.log(line)
  // those cards are strangers, and no server starts
  if (missing.length > 0) process.exitCode = 1
}

async function rotate({ print, abandon }: RotateOptions): Promise<void> {
  const config = readConfig(process.env)
  const place = placeOfPeppers(process.env)
  if (place.kind === 'environment' && print !== true) {
    throw new CommandRefused(
      EX_DATAERR,
      'HANDLE_PEPPER comes from the environment, where only you can change it: --print prints the next value, which is a secret.',
    )
  }
  await withDatabase(config, async (database) => {
    const census = createPepperCensus(database)
    const counts = await census.count(new Date())
    const options = { abandon: abandon === true }
    const planned = planPepperRotation(config.handlePeppers.reveal(), counts, randomBytes(32), options)
    if (planned.step === 'wait') {
      throw new CommandRefused(
        EX_DATAERR,
        `${planned.remaining} cards in use are still kept under an older pepper. They move when they are seen, and it costs nothing ` +
          'to wait; --abandon makes strangers of their people.',
      )
    }
    // written down first: a step that was recorded and not taken is taken next time, one that was taken and not recorded stops servers
    await census.record(planned.step, planned.peppers.map(versionOf), new Date())
    if (place.kind === 'environment' || print === true) console.log(formatPeppers(planned.peppers))
    else {
      writePeppers(place, planned.peppers)
      console.error(`${place.path} is changed.`)
    }
    console.error(NEXT[planned.step])
  })
}

const versionOf = ({ version }: { readonly version: number }): number => version
