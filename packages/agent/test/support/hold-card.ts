import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Reader } from 'pcsc-mini'

/** How another program may hold a card. */
export type Hold = 'shared' | 'transaction' | 'exclusive'

/** Starts another program that holds the card on a reader until it is let go. */
export async function holdCard(readerName: string, hold: Hold): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), readerName, hold], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => {
      resolve()
    })
    child.once('exit', (code) => {
      reject(new Error(`the other program ended with ${String(code)}`))
    })
  })
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , readerName, hold] = process.argv
  const { CardDisposition, CardMode, Client, ReaderStatus } = await import('pcsc-mini')
  const client = new Client()
  const reader = await new Promise<Reader>((resolve) => {
    client.on('reader', (found) => {
      if (found.name() === readerName)
        found.on('change', (status) => status.has(ReaderStatus.PRESENT) && resolve(found))
    })
    client.start()
  })
  const card = await reader.connect(hold === 'exclusive' ? CardMode.EXCLUSIVE : CardMode.SHARED)
  const transaction = hold === 'transaction' ? await card.transaction() : undefined
  process.stdout.write('held\n')
  process.stdin.resume().once('end', () => {
    void (async () => {
      await transaction?.end(CardDisposition.LEAVE)
      await card.disconnect(CardDisposition.LEAVE)
      client.stop()
    })()
  })
}
