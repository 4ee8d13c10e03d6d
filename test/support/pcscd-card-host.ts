/**
 * A small process inside the network namespace of test/support/pcscd.ts: it holds one virtual card and its connection to
 * vpcd. Requests come as JSON lines on standard input (keys and PINs too, so never in argv), answers go to standard output.
 * It ends when standard input closes, hence with the process that started it.
 */
import { createPrivateKey } from 'node:crypto'
import { createInterface } from 'node:readline'
import {
  connectToVpcd,
  createVirtualCard,
  scriptMisbehaviour,
  type MisbehavingCard,
  type VirtualCard,
  type VpcdConnection,
} from '@sekisho/virtual-card'
import type { CardHostRequest, CardHostState, SerializedSlot } from './pcscd-card-messages.ts'

let card: VirtualCard | undefined
let misbehaving: MisbehavingCard | undefined
let connection: VpcdConnection | undefined

async function perform(request: CardHostRequest): Promise<CardHostState> {
  switch (request.do) {
    case 'create': {
      const { authentication, signature, ...rest } = request.card
      card = createVirtualCard({
        ...rest,
        authentication: readSlot(authentication),
        ...(signature && { signature: readSlot(signature) }),
      })
      misbehaving = scriptMisbehaviour(card, request.script)
      connection = await connectToVpcd({ host: '127.0.0.1', port: request.port, card: misbehaving })
      break
    }
    case 'follow':
      misbehaving?.follow(request.script)
      break
    case 'insert':
      misbehaving?.insert()
      await connection?.insert()
      break
    case 'remove':
      await connection?.remove()
      break
    case 'inspect':
      break
  }
  return {
    inserted: connection?.inserted ?? false,
    triesLeft: {
      authentication: card?.triesLeft('authentication') ?? null,
      signature: card?.triesLeft('signature') ?? null,
    },
    log: card?.log ?? [],
  }
}

function readSlot({ certificateDer, caCertificateDer, privateKeyPem, ...rest }: SerializedSlot) {
  return {
    ...rest,
    certificateDer: Buffer.from(certificateDer, 'base64'),
    caCertificateDer: Buffer.from(caCertificateDer, 'base64'),
    privateKey: createPrivateKey(privateKeyPem),
  }
}

const lines = createInterface({ input: process.stdin })
lines.on('close', () => process.exit(0))
let turn: Promise<void> = Promise.resolve()
lines.on('line', (line) => {
  turn = turn.then(async () => {
    const { id, ...request } = JSON.parse(line) as { id: number } & CardHostRequest
    const reply = await perform(request).then(
      (state) => ({ id, state }),
      (error: unknown) => ({ id, error: error instanceof Error ? error.message : 'unknown' }),
    )
    process.stdout.write(`${JSON.stringify(reply)}\n`)
  })
})
