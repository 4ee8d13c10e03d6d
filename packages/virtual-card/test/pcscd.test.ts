/** The private pcscd of test/support itself: what it promises to the tests that use it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { VPCD_PORT } from '@sekisho/virtual-card'
import { startPcscd, type AttachedCard, type PrivatePcscd } from '../../../test/support/pcscd.ts'
import { pollUntil } from '../../../test/support/poll-until.ts'
import { SELECT_JPKI, selectFile, verify } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

let credentials: Credentials
let pcscd: PrivatePcscd
let card: AttachedCard | undefined

beforeAll(async () => {
  credentials = await issueCredentials()
  pcscd = await startPcscd()
})

afterEach(async () => {
  await card?.close()
  card = undefined
  if (pcscd.pid === undefined) await pcscd.restart()
})

afterAll(async () => {
  await pcscd.stop()
})

async function sendBySlot0(...apdus: string[]): Promise<string[]> {
  const { stdout } = await pcscd.run(['opensc-tool', ...apdus.flatMap((apdu) => ['-s', apdu])])
  return [...stdout.matchAll(/SW1=0x(\w\w), SW2=0x(\w\w)/g)].map(([, sw1 = '', sw2 = '']) => sw1 + sw2)
}

function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => {
      resolve(true)
    })
  })
}

/** A zombie, whose parent has not looked yet, is an ended process. */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '')
  return stat === '' || /\) [ZX] /.test(stat)
}

test('without root it says so, and starts nothing', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
  await expect(startPcscd()).rejects.toThrow('needs root')
})

test('the ports of vpcd, which listens on every interface, cannot be reached from outside', async () => {
  await expect(Promise.all([refused(VPCD_PORT), refused(VPCD_PORT + 1)])).resolves.toEqual([true, true])
  expect((await pcscd.run(['/bin/bash', '-c', `: </dev/tcp/127.0.0.1/${String(VPCD_PORT)}`])).status).toBe(0)
})

test('a program outside the namespaces reaches the card by the environment variable', async () => {
  card = await pcscd.attachCard(credentials)
  const child = spawn('opensc-tool', ['--name'], { env: { ...process.env, ...pcscd.environment } })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  expect(output).toBe('jpki\n')
})

test('a command tells its exit status and is killed at its deadline', async () => {
  expect(await pcscd.run(['/bin/sh', '-c', 'cat; echo words >&2; exit 7'], { input: 'input' })).toEqual({
    status: 7,
    stdout: 'input',
    stderr: 'words\n',
  })
  expect((await pcscd.run(['/bin/sleep', '60'], { timeoutMs: 50 })).status).toBe(-1)
})

describe('attack 27: faults in the middle', () => {
  test('pcscd killed: its pid is gone, the card is out; restarted, the card works and no try is spent', async () => {
    card = await pcscd.attachCard(credentials)
    const pid = pcscd.pid
    await pcscd.kill()
    expect(pcscd.pid).toBeUndefined()
    expect((await pcscd.run(['opensc-tool', '--name'])).status).not.toBe(0)
    await pollUntil(async () => !(await card?.isInserted()))
    await pcscd.restart()
    expect(pcscd.pid).not.toBe(pid)
    await card.insert()
    expect(await sendBySlot0(SELECT_JPKI, selectFile('0018'), verify('1234'))).toEqual(['9000', '9000', '9000'])
    expect(await card.triesLeft()).toEqual({ authentication: 3, signature: 5 })
  })

  test('a card that leaves at VERIFY is out of the reader, and back after insert', async () => {
    card = await pcscd.attachCard(credentials, {
      script: { rules: [{ when: { name: 'VERIFY', nth: 1 }, do: { kind: 'remove-before' } }] },
    })
    expect(await sendBySlot0(SELECT_JPKI, selectFile('0018'), verify('9999'))).toEqual(['9000', '9000'])
    await pollUntil(async () => !(await card?.isInserted()))
    expect((await card.triesLeft()).authentication).toBe(3)
    await card.insert()
    expect(await sendBySlot0(SELECT_JPKI, selectFile('0018'), '00200080')).toEqual(['9000', '9000', '63C3'])
  })

  test('a card follows another script later', async () => {
    card = await pcscd.attachCard(credentials)
    await card.follow({ rules: [{ when: { name: 'SELECT' }, do: { kind: 'answer', bytes: '6F00' } }] })
    expect(await sendBySlot0(SELECT_JPKI)).toEqual(['6F00'])
    await card.follow({})
    expect(await sendBySlot0(SELECT_JPKI)).toEqual(['9000'])
  })

  test('a card pulled out by hand is missed by pcscd', async () => {
    card = await pcscd.attachCard(credentials)
    await card.remove()
    await pollUntil(async () => (await pcscd.run(['opensc-tool', '--list-readers'])).stdout.includes('0    No'))
    expect(await card.isInserted()).toBe(false)
  })
})

test('nothing outlives a test process that is killed', async () => {
  const script = `
    const { startPcscd } = await import(${JSON.stringify(join(import.meta.dirname, '../../../test/support/pcscd.ts'))})
    const pcscd = await startPcscd()
    const holder = pcscd.wrap(['true']).args[1]
    console.log(JSON.stringify([pcscd.pid, Number(holder), pcscd.environment.PCSCLITE_CSOCK_NAME]))
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const [daemonPid, holderPid, socketPath] = JSON.parse(line) as [number, number, string]
  const directory = dirname(dirname(socketPath))
  expect(existsSync(directory)).toBe(true)
  child.kill('SIGKILL')
  await pollUntil(() => hasEnded(daemonPid))
  await pollUntil(() => hasEnded(holderPid))
  await pollUntil(() => !existsSync(directory))
  expect(await hasEnded(daemonPid)).toBe(true)
})
