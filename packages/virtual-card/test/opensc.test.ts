/**
 * OpenSC judges the card: its own tools, unchanged, talk to it through a real pcscd and the virtual reader vpcd. What our side
 * gets wrong about My Number Cards, OpenSC's jpki driver does not share. The signatures are judged by the openssl command.
 */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { VirtualCardOptions } from '@sekisho/virtual-card'
import { startPcscd, type AttachedCard, type CommandResult, type PrivatePcscd } from '../../../test/support/pcscd.ts'
import { SELECT_JPKI, selectFile } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

const openssl = promisify(execFile)
const AUTHENTICATION_TOKEN = 'JPKI (User Authentication PIN)'
const SIGNATURE_TOKEN = 'JPKI (Digital Signature PIN)'

let credentials: Credentials
let pcscd: PrivatePcscd
let directory: string
let card: AttachedCard | undefined

beforeAll(async () => {
  credentials = await issueCredentials()
  directory = await mkdtemp(join(tmpdir(), 'opensc-'))
  pcscd = await startPcscd()
})

afterEach(async () => {
  await card?.close()
  card = undefined
})

afterAll(async () => {
  await pcscd.stop()
  await rm(directory, { recursive: true })
})

async function insert(options: Partial<VirtualCardOptions> = {}): Promise<AttachedCard> {
  card = await pcscd.attachCard({ ...credentials, ...options })
  return card
}

function run(...command: [string, ...string[]]): Promise<CommandResult> {
  return pcscd.run(command)
}

/** Signs the file with pkcs11-tool. */
function signFile(file: string, mechanism: string, token: string, id: string, pin: string): Promise<CommandResult> {
  const login = ['--token-label', token, '--login', '--pin', pin]
  const paths = ['--input-file', join(directory, file), '--output-file', join(directory, `${file}.sig`)]
  return run('pkcs11-tool', ...login, '--sign', '--mechanism', mechanism, '--id', id, ...paths)
}

async function writePublicKey(certificateDer: Uint8Array): Promise<string> {
  const path = join(directory, 'public.pem')
  const { publicKey } = new X509Certificate(certificateDer)
  await writeFile(path, publicKey.export({ type: 'spki', format: 'pem' }))
  return path
}

describe('opensc-tool', () => {
  test('sees two readers and the card in the one it is in', async () => {
    await insert()
    const { stdout } = await run('opensc-tool', '--list-readers')
    expect(stdout).toMatch(/^0\s+Yes\s+Virtual PCD 00 00$/m)
    expect(stdout).toMatch(/^1\s+No\s+Virtual PCD 00 01$/m)
  })

  test('knows it by its ATR as a JPKI card', async () => {
    await insert()
    const { status, stdout } = await run('opensc-tool', '--atr', '--name')
    expect(stdout).toBe('3b:e0:00:ff:81:31:fe:45:14\njpki\n')
    expect(status).toBe(0)
  })

  test('carries the retry query in four bytes, and in five', async () => {
    const inserted = await insert()
    const commands = [SELECT_JPKI, selectFile('0018'), '00200080', '0020008000'].flatMap((apdu) => ['-s', apdu])
    const { stdout } = await run('opensc-tool', ...commands)
    expect(stdout.match(/SW1=0x\w\w, SW2=0x\w\w/g)).toEqual([
      'SW1=0x90, SW2=0x00',
      'SW1=0x90, SW2=0x00',
      'SW1=0x63, SW2=0xC3',
      'SW1=0x63, SW2=0xC3',
    ])
    expect(await inserted.triesLeft()).toEqual({ authentication: 3, signature: 5 })
  })

  test.each([
    ['name and individual number', 'D3921000310001010408'],
    ['face of the card', 'D3921000310001010402'],
    ['common application', 'D3921000310001010100'],
  ])('finds no other application: %s', async (_name, aid) => {
    await insert()
    const { stdout } = await run('opensc-tool', '-s', `00A4040C0A${aid}`)
    expect(stdout).toContain('SW1=0x6A, SW2=0x82')
  })

  test('two cards in two readers are two cards', async () => {
    await insert()
    const other = await pcscd.attachCard(
      { authentication: { ...credentials.authentication, triesLeft: 1 } },
      { slot: 1 },
    )
    const query = [SELECT_JPKI, selectFile('0018'), '00200080'].flatMap((apdu) => ['-s', apdu])
    expect((await run('opensc-tool', '--reader', '0', ...query)).stdout).toContain('SW1=0x63, SW2=0xC3')
    expect((await run('opensc-tool', '--reader', '1', ...query)).stdout).toContain('SW1=0x63, SW2=0xC1')
    await other.close()
  })
})

describe('pkcs15-tool', () => {
  test('lists keys, PINs with their counters, and certificates', async () => {
    await insert({ authentication: { ...credentials.authentication, triesLeft: 2 } })
    const { status, stdout } = await run('pkcs15-tool', '--dump')
    expect(status).toBe(0)
    expect(stdout.match(/^(PIN|Private RSA Key|X\.509 Certificate) \[.*\]$/gm)).toEqual([
      'PIN [User Authentication PIN]',
      'PIN [Digital Signature PIN]',
      'Private RSA Key [User Authentication Key]',
      'Private RSA Key [Digital Signature Key]',
      'X.509 Certificate [User Authentication Certificate]',
      'X.509 Certificate [Digital Signature Certificate]',
      'X.509 Certificate [User Authentication Certificate CA]',
      'X.509 Certificate [Digital Signature Certificate CA]',
    ])
    expect(stdout.match(/Tries left +: \d/g)).toEqual(['Tries left     : 2', 'Tries left     : 5'])
  })

  test.each([
    ['01', 'user authentication, with no PIN', () => credentials.authentication.certificateDer],
    ['03', 'its CA', () => credentials.authentication.caCertificateDer],
    ['04', 'CA of the signature certificate', () => credentials.signature.caCertificateDer],
  ])('reads certificate %s: %s', async (id, _name, expected) => {
    await insert()
    const { status, stdout } = await run('pkcs15-tool', '--read-certificate', id)
    expect(status).toBe(0)
    expect(new X509Certificate(stdout).raw).toEqual(Buffer.from(expected()))
  })

  test('reads the signature certificate only with the signature PIN', async () => {
    const inserted = await insert()
    const read = ['pkcs15-tool', '--read-certificate', '02'] as const
    expect((await run(...read)).stdout).not.toContain('CERTIFICATE-----')
    expect((await inserted.log()).map(({ status }) => status)).toContain('6982')
    const { stdout } = await run(...read, '--verify-pin', '--auth-id', '02', '--pin', 'SEKISHO1')
    const pem = stdout.slice(stdout.indexOf('-----BEGIN'))
    expect(new X509Certificate(pem).raw).toEqual(Buffer.from(credentials.signature.certificateDer))
  })
})

describe('pkcs11-tool', () => {
  test.each([
    ['authentication', AUTHENTICATION_TOKEN, '01', '1234'],
    ['signature', SIGNATURE_TOKEN, '02', 'SEKISHO1'],
  ] as const)('signs with the %s key by SHA256-RSA-PKCS, and openssl agrees', async (slot, token, id, pin) => {
    await insert()
    await writeFile(join(directory, 'message'), 'a message of any length')
    expect(await signFile('message', 'SHA256-RSA-PKCS', token, id, pin)).toMatchObject({ status: 0 })
    const key = await writePublicKey(credentials[slot].certificateDer)
    const paths = [join(directory, 'message.sig'), join(directory, 'message')]
    const { stdout } = await openssl('openssl', ['dgst', '-sha256', '-verify', key, '-signature', ...paths])
    expect(stdout).toBe('Verified OK\n')
  })

  test('signs by RSA-PKCS what it is handed, and openssl recovers it', async () => {
    await insert()
    const digestInfo = Buffer.concat([
      Buffer.from('3031300d060960864801650304020105000420', 'hex'),
      Buffer.alloc(32, 0x5a),
    ])
    await writeFile(join(directory, 'digest-info'), digestInfo)
    expect(await signFile('digest-info', 'RSA-PKCS', AUTHENTICATION_TOKEN, '01', '1234')).toMatchObject({ status: 0 })
    const key = await writePublicKey(credentials.authentication.certificateDer)
    const recover = ['pkeyutl', '-verifyrecover', '-pubin', '-inkey', key, '-in', join(directory, 'digest-info.sig')]
    const { stdout } = await promisify(execFile)('openssl', recover, { encoding: 'buffer' })
    expect(stdout).toEqual(digestInfo)
  })

  test('attack 28: a wrong PIN is told as such, costs one try, and the right one restores the counter', async () => {
    const inserted = await insert()
    await writeFile(join(directory, 'message'), 'message')
    const wrong = await signFile('message', 'SHA256-RSA-PKCS', AUTHENTICATION_TOKEN, '01', '9999')
    expect(wrong.status).not.toBe(0)
    expect(wrong.stderr).toContain('CKR_PIN_INCORRECT')
    expect(await inserted.triesLeft()).toEqual({ authentication: 2, signature: 5 })
    expect(await signFile('message', 'SHA256-RSA-PKCS', AUTHENTICATION_TOKEN, '01', '1234')).toMatchObject({
      status: 0,
    })
    expect(await inserted.triesLeft()).toEqual({ authentication: 3, signature: 5 })
  })

  test('attack 28: three wrong PINs lock the card, also for the right one and after it was pulled out', async () => {
    const inserted = await insert()
    await writeFile(join(directory, 'message'), 'message')
    const login = (pin: string) => signFile('message', 'SHA256-RSA-PKCS', AUTHENTICATION_TOKEN, '01', pin)
    for (const left of [2, 1, 0]) {
      await login('9999')
      expect((await inserted.triesLeft()).authentication).toBe(left)
    }
    const locked = await login('1234')
    expect(locked.stderr).toContain('CKR_PIN_LOCKED')
    await inserted.remove()
    await inserted.insert()
    expect((await login('1234')).stderr).toContain('CKR_PIN_LOCKED')
    expect((await inserted.log()).map(({ name }) => name)).not.toContain('SIGN')
    expect((await run('pkcs15-tool', '--dump')).stdout).toMatch(/Tries left +: 0/)
    expect(await inserted.triesLeft()).toEqual({ authentication: 0, signature: 5 })
  })

  test('attack 28: no PIN in the log of the card after all that', async () => {
    const inserted = await insert()
    await writeFile(join(directory, 'message'), 'message')
    await signFile('message', 'SHA256-RSA-PKCS', AUTHENTICATION_TOKEN, '01', '1234')
    const log = await inserted.log()
    expect(log.filter(({ name, status }) => name === 'VERIFY' && status === '9000')).toHaveLength(1)
    expect(JSON.stringify(log)).not.toContain(Buffer.from('1234').toString('hex'))
  })
})
