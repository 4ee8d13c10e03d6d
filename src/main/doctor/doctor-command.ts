import { Command, Option } from 'commander'
import { loadMessages, translator } from '../../web/messages.ts'
import { preferredLanguage } from '../preferred-language.ts'
import { levelOf, type Finding } from './finding.ts'
import { runDoctor } from './run-doctor.ts'

interface DoctorOptions {
  readonly json: boolean
  readonly lang: 'ja' | 'en'
}

/** sysexits.h EX_CONFIG. */
const EX_CONFIG = 78

const WIDEST_CODE = 28

/** `sekisho doctor`: what an operator would look at first, one line and one code each. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'examine configuration, database, Redis, clock, roots, keys, sources and the proxy in front; changes nothing',
    )
    .option('--json', 'one JSON object a line', false)
    .addOption(
      new Option('--lang <language>', 'language of the lines')
        .choices(['ja', 'en'])
        .default(preferredLanguage(process.env)),
    )
    .addHelpText(
      'after',
      '\nRun it with the environment of “sekisho serve”, best while that runs. Exit status: 0 nothing to mend, though there may be' +
        '\nwarnings; 1 something fails; 78 the configuration cannot be used. No line ever holds a secret.',
    )
    .action(async ({ json, lang }: DoctorOptions) => {
      const words = translator(loadMessages(new URL('../../../locales/', import.meta.url))[lang])
      const found: Finding[] = []
      await runDoctor({
        environment: process.env,
        now: () => new Date(),
        onFinding: (finding) => {
          found.push(finding)
          const { code, values = {} } = finding
          const level = levelOf(finding)
          const message = words(`doctor.${code}`, values)
          console.log(
            json
              ? JSON.stringify({ level, code, message, ...values })
              : `${level.padEnd(4)}  ${code.padEnd(WIDEST_CODE)}${message}`,
          )
        },
      })
      const isFailing = found.some((finding) => levelOf(finding) === 'fail')
      const isUnusable = found.some(({ code }) => code === 'CONFIG_INVALID')
      process.exitCode = isUnusable ? EX_CONFIG : isFailing ? 1 : 0
    })
}
