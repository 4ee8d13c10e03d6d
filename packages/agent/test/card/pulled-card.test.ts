import { beforeAll, describe, expect, test } from 'vitest'
import { AGENT_FAILURE_CODES, buildTranscript } from '@sekisho/protocol'
import type { Misbehaviour } from '@sekisho/virtual-card'
import { CardFailure } from '../../src/card/card-failure.ts'
import { inspectCard, type InspectedCard } from '../../src/card/inspect-card.ts'
import { signWithCard } from '../../src/card/sign-with-card.ts'
import { layCard, type CardStage } from '../support/card-stage.ts'
import { issueCard, type IssuedCard } from '../support/issue-card.ts'

let issued: IssuedCard
beforeAll(async () => {
  issued = await issueCard()
})

const TRANSCRIPT = buildTranscript({ providerOrigin: 'https://op.example', nonce: 'n'.repeat(43), context: '{}' })

/** Commands of an inspection and of a signing with the short certificate of these tests; the loops below go past both. */
const POSITIONS = Array.from({ length: 16 }, (_value, index) => index + 1)
const FAULTS: Misbehaviour[] = [
  { kind: 'remove-before' },
  { kind: 'remove-after' },
  { kind: 'fail-before' },
  { kind: 'fail-after' },
  { kind: 'delay', milliseconds: 400 },
]

async function ready(stage: CardStage): Promise<InspectedCard> {
  const status = await inspectCard(stage.access)
  if (status.state !== 'ready') throw new Error(`card not ready: ${JSON.stringify(status)}`)
  return status.card
}

/** VERIFY with a PIN in it that the card has seen. */
function verifiesSeen({ card }: CardStage): number {
  return card.log.filter(({ name, command }) => name === 'VERIFY' && command.endsWith('****')).length
}

const CASES = FAULTS.flatMap((fault) =>
  POSITIONS.map((nth) => ({ fault, nth, what: `${fault.kind} command ${String(nth)}` })),
)

describe('attack 27: the card is pulled, or the reader fails, at every single command', () => {
  test.each(CASES)(
    'while looking at it, $what: a bounded code, no try spent, and it works again',
    async ({ fault, nth }) => {
      const stage = layCard(issued, { script: { rules: [{ when: { nth }, do: fault }] } })
      const status = await inspectCard(stage.access)
      if (status.state === 'problem') expect(AGENT_FAILURE_CODES).toContain(status.code)
      expect(status.state).toBe(nth <= LOOKING_COMMANDS ? 'problem' : 'ready')
      expect(stage.card.triesLeft('authentication')).toBe(3)
      await recover(stage)
    },
  )

  test.each(CASES)(
    'while it signs, $what: a bounded code, no try spent, one VERIFY at most, and it works again',
    async ({ fault, nth }) => {
      const stage = layCard(issued, { triesLeft: 2 })
      const shown = await ready(stage)
      stage.onReader.follow({ rules: [{ when: { nth }, do: fault }] })
      const pin = Buffer.from('1234')
      const signed = await signWithCard(stage.access, { shown, pin, transcript: TRANSCRIPT })

      expect(pin.every((byte) => byte === 0)).toBe(true)
      if (signed.outcome === 'failed') expect(AGENT_FAILURE_CODES).toContain(signed.code)
      expect(signed.outcome).toBe(nth <= SIGNING_COMMANDS ? 'failed' : 'signed')
      expect(verifiesSeen(stage)).toBeLessThanOrEqual(1)
      // The PIN was right: where the card has judged it, the counter is full again; elsewhere it stands as before.
      expect(stage.card.triesLeft('authentication')).toBe(verifiesSeen(stage) === 1 ? 3 : 2)
      await recover(stage)
    },
  )

  test.each(CASES)(
    'with a wrong PIN, $what: a try is gone only if the card has judged the PIN, and only one',
    async ({ fault, nth }) => {
      const stage = layCard(issued)
      const shown = await ready(stage)
      stage.onReader.follow({ rules: [{ when: { nth }, do: fault }] })
      await signWithCard(stage.access, { shown, pin: Buffer.from('9999'), transcript: TRANSCRIPT })
      expect(verifiesSeen(stage)).toBeLessThanOrEqual(1)
      expect(stage.card.triesLeft('authentication')).toBe(3 - verifiesSeen(stage))
    },
  )
})

describe('attack 27: a telephone taken away at every single command', () => {
  const FAR = Array.from({ length: 15 }, (_value, index) => index + 1)
  test.each(
    FAULTS.slice(0, 2).flatMap((fault) => FAR.map((nth) => ({ fault, nth, what: `${fault.kind} ${String(nth)}` }))),
  )(
    '$what: a bounded code, one VERIFY at most, nothing spent by a right PIN, and it works again',
    async ({ fault, nth }) => {
      const stage = layCard(issued, { triesLeft: 2, label: 'JPKIAPGPSETOKEN' })
      const shown = await ready(stage)
      expect([shown.kind, shown.certificateDigest]).toEqual(['phone', undefined])
      stage.onReader.follow({ rules: [{ when: { nth }, do: fault }] })
      const signed = await signWithCard(stage.access, { shown, pin: Buffer.from('1234'), transcript: TRANSCRIPT })
      expect(signed.outcome).toBe(nth <= SIGNING_COMMANDS ? 'failed' : 'signed')
      expect(verifiesSeen(stage)).toBeLessThanOrEqual(1)
      expect(stage.card.triesLeft('authentication')).toBe(verifiesSeen(stage) === 1 ? 3 : 2)
      await recover(stage)
    },
  )
})

/** SELECT AP, SELECT 0006, READ, SELECT 000A, 4 READs, SELECT 0018, tries. */
const LOOKING_COMMANDS = 10
/** SELECT AP, SELECT 0006, READ, SELECT 000A, 4 READs, SELECT 0018, tries, VERIFY, SELECT 0017, SIGN. */
const SIGNING_COMMANDS = 13
// A telephone: the same number, with the certificate behind VERIFY.

/** The person puts the card back and tries again: everything works, so nothing was left locked or half open. */
async function recover(stage: CardStage): Promise<void> {
  await settled(stage)
  stage.onReader.insert()
  stage.onReader.follow({})
  const shown = await ready(stage)
  const signed = await signWithCard(stage.access, { shown, pin: Buffer.from('1234'), transcript: TRANSCRIPT })
  expect(signed.outcome).toBe('signed')
}

/** A command that was too late is still with the reader; the card is free once that has come back. */
async function settled({ readers }: CardStage): Promise<void> {
  await expect.poll(() => isFree(readers)).toBe(true)
}

async function isFree(readers: CardStage['readers']): Promise<boolean> {
  try {
    const connection = await readers.connect('Software reader 1')
    await connection.release()
    return true
  } catch (error) {
    return error instanceof CardFailure && error.code !== 'READER_BUSY'
  }
}
