import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pollUntil } from '../../../../test/support/poll-until.ts'
import type { AttachedCard, PrivatePcscd } from '../../../../test/support/pcscd.ts'
import { startPcscd } from '../../../../test/support/pcscd.ts'
import { AGENT_COMMAND } from './agent-command.ts'
import { ask, type Answer } from './browse.ts'
import { startFakeProvider, type FakeProvider } from './fake-provider.ts'
import { issueCard, type IssuedCard } from './issue-card.ts'
import { runCommand, type CommandResult } from './run-command.ts'

export interface BuiltAgent {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly pid: number
  /** Everything it wrote, to either output, with the APDU trace. */
  output(): string
  open(ticketId: string, more?: string): Promise<Answer>
  stop(): Promise<void>
}

export interface BuiltStage {
  readonly pcscd: PrivatePcscd
  readonly provider: FakeProvider
  readonly issued: IssuedCard
  /** For another process of the agent: the same trust list, the same PC/SC service. */
  readonly environment: NodeJS.ProcessEnv
  start(args?: readonly string[]): Promise<BuiltAgent>
  run(args: readonly string[]): Promise<CommandResult>
  attachCard: PrivatePcscd['attachCard']
  stop(): Promise<void>
}

/** A private PC/SC service, a scripted provider, and a trust list that names it, made by `trust add`. */
export async function setBuiltStage(command: readonly [string, ...string[]] = AGENT_COMMAND): Promise<BuiltStage> {
  const [pcscd, provider, issued, directory] = await Promise.all([
    startPcscd(),
    startFakeProvider(),
    issueCard(),
    mkdtemp(join(tmpdir(), 'agent-built-')),
  ])
  const { PATH, HOME } = process.env
  const environment = { PATH, HOME, LANG: 'C.UTF-8', XDG_CONFIG_HOME: directory, ...pcscd.environment }
  const agents: BuiltAgent[] = []
  const cards: AttachedCard[] = []
  const [file, ...first] = command
  const run = (args: readonly string[]) => runCommand([...first, ...args], { env: environment, command: file })
  const added = await run(['trust', 'add', provider.origin, '--development', '--yes'])
  if (added.status !== 0) throw new Error(`trust add: ${added.stderr}`)

  return {
    pcscd,
    provider,
    issued,
    environment,
    run,
    async start(args = []) {
      const agent = await startBuiltAgent(
        [...command, 'serve', ...args, '--port', '0', '--log-level', 'debug'],
        environment,
        provider,
      )
      agents.push(agent)
      return agent
    },
    async attachCard(card, options) {
      const attached = await pcscd.attachCard(card, options)
      cards.push(attached)
      return attached
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()))
      await pcscd.stop()
      await provider.close()
      await rm(directory, { recursive: true })
    },
  }
}

async function startBuiltAgent(
  [file, ...args]: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv,
  provider: FakeProvider,
): Promise<BuiltAgent> {
  const child = spawn(file, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const address = () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
  await pollUntil(() => address() !== undefined, { complaint: () => `the agent did not start: ${output}` })
  const url = address() ?? ''
  return {
    url,
    pid: child.pid ?? -1,
    output: () => output,
    open(ticketId, more = '') {
      const query = new URLSearchParams({ provider: new URL(provider.origin).host, ticket: ticketId })
      return ask(`${url}/sign-in?${query.toString()}${more}`)
    },
    stop: () => endChild(child),
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
