import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { createPepperCensus } from '../../storage/pepper-census.ts'
import type { PepperCount } from '../../subject/pepper/pepper-census.ts'
import { planPepperRotation } from '../../subject/pepper/plan-pepper-rotation.ts'
import { CommandRefused, EX_DATAERR } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { withDatabase } from '../with-database.ts'
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
        .action(({ json }: { json?: true }) => refusing(() => showStatus(json === true))),
    )
    .addCommand(
      new Command('rotate')
        .description('take the next step of a change: introduce a new pepper, write under it, forget the old one')
        .option('--print', 'print the next value of HANDLE_PEPPER: it is a secret')
        .option(
          '--abandon',
          'forget the old pepper although cards in use are kept under it: their people become strangers',
        )
        .action((options: RotateOptions) => refusing(() => rotate(options))),
    )
}

async function showStatus(json: boolean): Promise<void> {
  const config = readConfig(process.env)
  const counts = await withDatabase(config, (database) => createPepperCensus(database).count())
  const known = config.handlePeppers.reveal().map(({ version }) => version)
  const rows = [...new Set([...known, ...counts.map(({ version }) => version)])].map((version) => ({
    version,
    role: known[0] === version ? 'written' : known.includes(version) ? 'looked for' : 'MISSING',
    ...(counts.find((one) => one.version === version) ?? ({ current: 0, others: 0 } satisfies Partial<PepperCount>)),
  }))
  console.log(
    json
      ? JSON.stringify(rows, null, 2)
      : rows
          .map((row) => `version ${row.version}  ${row.role.padEnd(10)}  ${row.current} in use, ${row.others} others`)
          .join('\n'),
  )
  // those cards are strangers to the running servers
  if (rows.some(({ role, current }) => role === 'MISSING' && current > 0)) process.exitCode = 1
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
  const counts = await withDatabase(config, (database) => createPepperCensus(database).count())
  const planned = planPepperRotation(config.handlePeppers.reveal(), counts, randomBytes(32), {
    abandon: abandon === true,
  })
  if (planned.step === 'wait') {
    throw new CommandRefused(
      EX_DATAERR,
      `${planned.remaining} cards in use are still kept under an older pepper. They move when they are seen; --abandon makes strangers of their people.`,
    )
  }
  if (place.kind === 'environment' || print === true) console.log(formatPeppers(planned.peppers))
  else {
    writePeppers(place, planned.peppers)
    console.error(`${place.path} is changed.`)
  }
  console.error(NEXT[planned.step])
}

async function refusing(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (fault) {
    if (!(fault instanceof CommandRefused)) throw fault
    console.error(fault.message)
    process.exitCode = fault.exitCode
  }
}
