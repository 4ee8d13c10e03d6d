import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { createProposals } from '../../administration/proposal/create-proposals.ts'
import type { Proposals } from '../../administration/proposal/proposals.ts'
import { PROPOSAL_STATES, stateAt, type Decider, type Proposal } from '../../administration/proposal/proposal.ts'
import { createProposalStore } from '../../storage/proposal-store.ts'
import { CommandRefused, EX_USAGE } from '../command-refused.ts'
import { readConfig } from '../read-config.ts'
import { isAdminCode, tellRefusal } from '../tell-refusal.ts'
import { withDatabase } from '../with-database.ts'

/** Whoever has the server: they decide, and the log says so. What they do by themselves is `sekisho account`. */
const OPERATOR: Decider = { actor: 'operator' }
const SHOWN = 50

/** `sekisho proposal …`: what administrators have proposed in the console, and what became of it. */
export function proposalCommand(): Command {
  const command = new Command('proposal').description(
    'what administrators propose about accounts in the console, and what waits to be approved',
  )
  command
    .command('list')
    .description('proposals, newest first')
    .option('--state <state>', `one of ${PROPOSAL_STATES.join(', ')}`)
    .option('--json', 'print JSON')
    .action(({ state, json }: { state?: string; json?: true }) =>
      run(json, async (proposals) => {
        const chosen = PROPOSAL_STATES.find((one) => one === state)
        if (state !== undefined && chosen === undefined)
          throw new CommandRefused(EX_USAGE, `no state is called “${state}”`)
        const found = await proposals.list({ state: chosen }, { limit: SHOWN })
        return { json: found.map(describe), text: found.map(printLine).join('\n') || 'there are none' }
      }),
    )
  command
    .command('show <proposal>')
    .description('one proposal, and why it cannot be approved')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: true }) =>
      run(json, async (proposals) => {
        const { proposal, changed, hindrance } = await proposals.show(id, OPERATOR)
        const lines = [
          printLine(proposal),
          JSON.stringify(proposal.proposed),
          ...changed.map(({ what, before, now }) => `changed: ${what}: ${before ?? '—'} → ${now ?? '—'}`),
          ...(hindrance === undefined ? [] : [`cannot be approved: ${hindrance.message}`]),
        ]
        return { json: { ...describe(proposal), changed, hindrance: hindrance?.code }, text: lines.join('\n') }
      }),
    )
  command
    .command('approve <proposal>')
    .description('carries it out')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: true }) =>
      run(json, (proposals) => proposals.approve(id, OPERATOR).then(told)),
    )
  command
    .command('reject <proposal>')
    .requiredOption('--reason <text>', 'for whoever reads the log')
    .option('--json', 'print JSON')
    .action((id: string, { json, reason }: { json?: true; reason: string }) =>
      run(json, (proposals) => proposals.reject(id, OPERATOR, reason).then(told)),
    )
  return command
}

interface Answer {
  readonly text: string
  readonly json: unknown
}

function told(proposal: Proposal): Answer {
  return { json: describe(proposal), text: printLine(proposal) }
}

function describe({ seen: _seen, ...proposal }: Proposal) {
  return { ...proposal, state: stateAt(proposal, new Date()) }
}

function printLine(proposal: Proposal): string {
  const { id, proposed, reason, proposer, expiresAt, closed, accountIds } = proposal
  const end =
    closed === undefined ? `until ${expiresAt.toISOString()}` : `${closed.at.toISOString()} by ${closed.by.actor}`
  const state = stateAt(proposal, new Date())
  return `${id}  ${state}  ${proposed.act} ${accountIds[0] ?? ''}  ${end}\n  by ${proposer.actor}: ${reason}`
}

async function run(json: true | undefined, work: (proposals: Proposals) => Promise<Answer>): Promise<void> {
  const config = readConfig(process.env)
  try {
    const answer = await withDatabase(config, (database) =>
      work(
        createProposals({
          store: createProposalStore(database),
          policy: new Set(config.approvals.acts),
          limitMs: config.approvals.limitMs,
          now: () => new Date(),
          newId: randomUUID,
        }),
      ),
    )
    console.log(json === true ? JSON.stringify(answer.json, null, 2) : answer.text)
  } catch (fault) {
    tellRefusal(fault, { isAnswer: isAdminCode, json })
  }
}
