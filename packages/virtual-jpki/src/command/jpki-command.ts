import { Argument, Command, InvalidArgumentError, Option } from 'commander'

import { MISBEHAVIOURS } from '../misbehaviours.ts'
import { LIFE_EVENTS, LOSS_REASONS, type LifeEventName } from '../people/life-event.ts'
import { askControl } from './ask-control.ts'
import { describeClock, describeEvent, describePeople } from './describe-answers.ts'
import { runServe, type ServeDeps } from './run-serve.ts'

export interface JpkiCommandDeps extends ServeDeps {
  /** Gets the exit status. */
  readonly finish: (status: number) => void
}

interface Where {
  readonly url: string
  readonly json: boolean
}

/** `sekisho-jpki`: runs a virtual national PKI, and moves one that runs elsewhere on this machine. */
export function jpkiCommand(deps: JpkiCommandDeps): Command {
  const { say, complain, finish } = deps
  const program = new Command('sekisho-jpki')
    .description(
      'a national PKI in software, for tests and demonstrations: serve it, and let things happen to its people',
    )
    .configureOutput({ writeOut: (text) => say(text.trimEnd()), writeErr: (text) => complain(text.trimEnd()) })
    .showHelpAfterError('(--help shows what there is)')
    .helpCommand(false)
  const elsewhere = (command: Command): Command =>
    command
      .option('--url <url>', 'where the virtual JPKI is served', parseUrl, 'http://127.0.0.1:3002')
      .option('--json', 'the answer as it came', false)
  /** Sends an order and shows the answer. */
  const ask = async (
    { url, json }: Where,
    path: string,
    order: unknown,
    describe: (answer: unknown) => readonly string[],
  ): Promise<void> => {
    const { status, answer } = await askControl(deps, url, path, order)
    if (answer !== undefined) {
      for (const line of json ? [JSON.stringify(answer, undefined, 2)] : describe(answer)) say(line)
    }
    finish(status)
  }

  program
    .command('serve')
    .description('serve OCSP, CRLs, linkage and the control paths on this machine until stopped')
    .option('--port <number>', '0: any that is free', parsePort, 0)
    .option('--keys <directory>', 'where generated keys are kept; without it they are made anew')
    .action(async (options: { readonly port: number; readonly keys?: string }) => {
      finish(await runServe(deps, options))
    })

  elsewhere(program.command('event'))
    .description('something happens to a persona')
    .addArgument(new Argument('<event>', 'what happens').choices(LIFE_EVENTS))
    .requiredOption('--persona <name>', 'to whom; with issue, a new name')
    .addOption(new Option('--reason <reason>', 'reissue: why the old card is revoked').choices(LOSS_REASONS))
    .option('--address <address>', 'move: where to')
    .option('--name <name>', 'marry: the new name')
    .action(async (event: LifeEventName, { url, json, ...order }: Where & Readonly<Record<string, unknown>>) => {
      await ask({ url, json }, '/control/events', { event, ...order }, describeEvent)
    })

  const clock = program.command('clock').description('what time it is for the virtual JPKI').helpCommand(false)
  const moveClock = async (where: Where, order: Readonly<Record<string, unknown>>): Promise<void> =>
    ask(where, '/control/events', { event: 'clock', ...order }, describeClock)
  elsewhere(clock.command('advance').argument('<duration>', 'such as P4Y11M or PT15M'))
    .description('forwards')
    .action(async (advance: string, where: Where) => moveClock(where, { advance }))
  elsewhere(clock.command('set').argument('<moment>', 'such as 2031-01-01T00:00:00Z'))
    .description('to any moment')
    .action(async (set: string, where: Where) => moveClock(where, { set }))
  elsewhere(clock.command('reset'))
    .description('back to the real time')
    .action(async (where: Where) => moveClock(where, { reset: true }))

  elsewhere(program.command('people'))
    .description('everybody, what they have and how it stands')
    .action(async (where: Where) => ask(where, '/control/people', undefined, describePeople))

  const misbehave = elsewhere(program.command('misbehave')).description(
    'standing orders for all answers from now on; what is left out becomes well-behaved again',
  )
  for (const [service, known] of Object.entries(MISBEHAVIOURS)) {
    misbehave.addOption(new Option(`--${service} <misbehaviour>`).choices(known))
  }
  misbehave.action(async ({ url, json, ...orders }: Where & Readonly<Record<string, string>>) => {
    const described = Object.entries(orders).map(([service, name]) => `${service}: ${name}`)
    await ask({ url, json }, '/control/misbehaviour', orders, () =>
      described.length === 0 ? ['all services behave'] : described,
    )
  })
  return program
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port >= 0 && port <= 65_535)) throw new InvalidArgumentError('a number from 0 to 65535.')
  return port
}

function parseUrl(text: string): string {
  if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/?$/.test(text)) {
    throw new InvalidArgumentError('http:// and an address of this machine: control is for this machine only.')
  }
  return text.replace(/\/$/, '')
}
