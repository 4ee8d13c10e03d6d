import { Command, InvalidArgumentError, Option } from 'commander'
import { AUTHENTICATION_PIN, PERSONAS } from '@sekisho/virtual-jpki'
import { Refusal } from '../../error-registry/refusal.ts'
import { demoPorts, type DemoPorts } from './demo-ports.ts'
import { DemoRefused } from './demo-refused.ts'
import { startDemo, type Demo } from './start-demo.ts'
import { signInOnce } from './sign-in-once.ts'
import { preferredLanguage } from '../preferred-language.ts'
import { untilStopped } from '../until-stopped.ts'

interface DemoOptions {
  readonly once: boolean
  readonly card: string
  readonly data: string
  readonly portBase?: number
  /** False: `--no-linkage`. */
  readonly linkage: 'previous' | 'person' | false
  readonly lang: 'ja' | 'en'
}

/** sysexits.h EX_UNAVAILABLE: a port or directory that is needed is taken. */
const EX_UNAVAILABLE = 69

/** `sekisho demo`, also `npm start`: everything on this machine, with a virtual card. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('sign in with a virtual My Number Card on a sample site; nothing to configure')
    .option('--once', 'sign in by itself through the same pages, print the result as JSON, and stop', false)
    .addOption(
      new Option('--card <persona>', 'whose card lies on the reader')
        .choices(PERSONAS.map(({ name }) => name))
        .default('taro'),
    )
    .option('--data <directory>', 'where accounts and keys are kept', '.sekisho')
    .option('--port-base <n>', 'first of seven ports in a row (default: 3000–3005, and 24815 for the agent)', parsePort)
    .option('--no-linkage', 'without the national linkage service: a renewed card needs a hand-over code')
    .addOption(
      new Option('--lang <language>', 'language of the scripted browser and of these lines')
        .choices(['ja', 'en'])
        .default(preferredLanguage(process.env)),
    )
    .addOption(
      new Option(
        '--linkage <style>',
        'what the national linkage service is asked: the card before, or whose card it is',
      )
        .choices(['previous', 'person'])
        .default('previous'),
    )
    .addHelpText(
      'after',
      `\nCards:\n${PERSONAS.map(({ name, description }) => `  ${name.padEnd(22)}${description.en}`).join('\n')}\n\nThe PIN of every card is ${AUTHENTICATION_PIN}.`,
    )
    .configureOutput({
      outputError: (text, write) => {
        write(text)
        if (process.argv.includes('--once')) console.log(JSON.stringify({ ok: false, code: 'COMMAND_INVALID' }))
      },
    })
    .action(run)
}

async function run(options: DemoOptions): Promise<void> {
  const progress = (line: string) => {
    console.error(line)
  }
  try {
    const demo = await startDemo({
      dataDirectory: options.data,
      persona: options.card,
      ports: portsFor(options),
      logLevel: options.once ? 'error' : 'warn',
      linkage: options.linkage === false ? 'none' : options.linkage,
      onProgress: progress,
    })
    if (options.once) await once(demo, options, progress)
    else await stay(demo, options)
  } catch (fault) {
    console.error(fault instanceof DemoRefused ? fault.message : fault)
    if (options.once) console.log(JSON.stringify({ ok: false, code: codeOf(fault) }))
    // not exitCode: what broke half-way may hold the process open
    process.exit(fault instanceof DemoRefused ? EX_UNAVAILABLE : 1)
  }
}

/** Nobody is there to change the card of `--once`. */
function portsFor({ once, portBase }: DemoOptions): DemoPorts {
  const { personas, admin, ...others } = demoPorts(portBase)
  return once || personas === undefined || admin === undefined ? others : { ...others, personas, admin }
}

/** Whatever happened, `--once` says so in one line of JSON. */
function codeOf(fault: unknown): string {
  return fault instanceof DemoRefused || fault instanceof Refusal ? fault.code : 'SERVER_FAILED'
}

async function once(demo: Demo, { lang }: DemoOptions, progress: (line: string) => void): Promise<void> {
  const result = await signInOnce({
    shopUrl: demo.urls.shop,
    pin: AUTHENTICATION_PIN,
    locale: lang,
    onStep: (step) => {
      progress(`· ${step}`)
    },
  }).finally(() => demo.close())
  console.log(JSON.stringify(result))
  process.exitCode = result.ok ? 0 : 1
}

async function stay(demo: Demo, { card, lang }: DemoOptions): Promise<void> {
  const ja = lang === 'ja'
  const persona = PERSONAS.find(({ name }) => name === card)
  console.log(`
  ${ja ? 'サンプル商店' : 'Sample shop'}    ${demo.urls.shop}    ${ja ? '← ここを開いてください' : '← open this'}
  ${ja ? '注文の API  ' : 'Its orders '}    ${demo.urls.api ?? ''}
  ${ja ? 'プロバイダー' : 'Provider   '}    ${demo.urls.provider}
  ${ja ? 'エージェント' : 'Agent      '}    ${demo.urls.agent}
  ${ja ? '仮想の JPKI ' : 'Virtual JPKI'}    ${demo.urls.jpki}

  ${ja ? 'カード' : 'Card'}: ${card} (${persona?.description[lang] ?? ''})    PIN: ${AUTHENTICATION_PIN}
  ${ja ? '別のカードにするには' : 'For another card'}: ${demo.urls.personas ?? ''}
  ${ja ? 'カードを更新するには' : 'To renew the card'}: npx sekisho-jpki event renew --persona ${card} --url ${demo.urls.jpki}
  ${ja ? '自分のページ' : 'Your page'}: ${demo.urls.provider}/account
  ${ja ? '管理コンソール' : 'Console'}: ${demo.urls.admin ?? ''}
${inviteLine(demo, ja)}  ${ja ? '終了するには' : 'To stop'}: Ctrl-C
`)
  await untilStopped()
  await demo.close()
}

function inviteLine({ urls }: Demo, ja: boolean): string {
  if (urls.invitation === undefined) return ''
  return `  ${ja ? '最初のオーナーになるには' : 'To be its first owner'}: ${urls.invitation}\n`
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1024 || port > 65_530) {
    throw new InvalidArgumentError('a number from 1024 to 65530.')
  }
  return port
}
