import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { CommandRecord, MisbehaviourScript, VirtualCardOptions } from '@sekisho/virtual-card'
import { serializeCard, type CardHostReply, type CardHostRequest, type CardHostState } from './pcscd-card-messages.ts'

/** A virtual card in a reader of a private pcscd. It lives in a process of its own, inside pcscd's network namespace. */
export interface AttachedCard {
  /** Puts the card (back) in; resolves when pcscd has seen it. */
  insert(): Promise<void>
  /** Pulls the card out; resolves when the reader has noticed. Its counters stay. */
  remove(): Promise<void>
  /** Makes the card misbehave from its next command on; `{}` makes it honest again. */
  follow(script: MisbehaviourScript): Promise<void>
  /** Whether the card is in the reader. False also after a scripted removal or the end of pcscd, until `insert()`. */
  isInserted(): Promise<boolean>
  /** Tries left, read past the card's back; `null` when the card has no such PIN. */
  triesLeft(): Promise<CardHostState['triesLeft']>
  /** Commands the card has seen, PINs masked. */
  log(): Promise<readonly CommandRecord[]>
  /** Takes the card out and ends its process. */
  close(): Promise<void>
}

/**
 * Starts the process that holds the card.
 *
 * @param host.file command that runs Node inside the namespaces, with `host.args` before the script
 * @param host.port of vpcd
 * @throws Error with the words of the host process when the card cannot be put in
 */
export async function startCardHost(host: {
  readonly file: string
  readonly args: readonly string[]
  readonly port: number
  readonly card: VirtualCardOptions
  readonly script: MisbehaviourScript
}): Promise<AttachedCard> {
  const child = spawn(host.file, [...host.args, join(import.meta.dirname, 'pcscd-card-host.ts')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const waiting = new Map<number, { resolve: (state: CardHostState) => void; reject: (error: Error) => void }>()
  let words = ''
  let lastId = 0
  child.stderr.on('data', (bytes: Buffer) => {
    words = (words + bytes.toString()).slice(-4000)
  })
  child.stdin.on('error', () => undefined) // the end of the process is reported below
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as CardHostReply
    const waiter = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('state' in reply) waiter?.resolve(reply.state)
    else waiter?.reject(new Error(reply.error))
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      words += error.message
      resolve()
    })
    child.once('close', () => {
      resolve()
    })
  }).then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the process of the card ended: ${words.trim()}`))
    waiting.clear()
  })

  function ask(request: CardHostRequest): Promise<CardHostState> {
    if (child.exitCode !== null || child.signalCode !== null) {
      return Promise.reject(new Error(`the process of the card ended: ${words.trim()}`))
    }
    lastId += 1
    const id = lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  }

  async function close(): Promise<void> {
    // Pulled out first, so that the reader notices: the next card shall not be taken for this one.
    await ask({ do: 'remove' }).catch(() => undefined)
    child.kill('SIGKILL')
    await ended
  }

  try {
    await ask({ do: 'create', port: host.port, card: serializeCard(host.card), script: host.script })
  } catch (error) {
    await close()
    throw error
  }
  return {
    async insert() {
      await ask({ do: 'insert' })
    },
    async remove() {
      await ask({ do: 'remove' })
    },
    async follow(script) {
      await ask({ do: 'follow', script })
    },
    async isInserted() {
      return (await ask({ do: 'inspect' })).inserted
    },
    async triesLeft() {
      return (await ask({ do: 'inspect' })).triesLeft
    },
    async log() {
      return (await ask({ do: 'inspect' })).log
    },
    close,
  }
}
