import {
  FILES,
  JPKI_AID,
  SHA256_DIGEST_INFO_BYTES,
  SHA256_DIGEST_INFO_PREFIX,
  isAllowedFile,
  type FileId,
} from './jpki-application.ts'

export type Verdict =
  | { readonly kind: 'select-application' }
  | { readonly kind: 'select-file'; readonly file: FileId }
  | { readonly kind: 'read' | 'ask-tries' | 'verify' | 'sign' | 'get-response' }

export interface ChannelState {
  readonly application: boolean
  readonly file: FileId | undefined
  /** A VERIFY with a PIN was handed over, whatever came back. */
  readonly pinPresented: boolean
  /** Set between a `61xx` and the end of its answer. */
  readonly answerPending: boolean
}

/** A command outside the allow-list: a fault of this program, caught before the reader sees it. */
export class ForbiddenCommand extends Error {
  override readonly name = 'ForbiddenCommand'
}

/**
 * The allow-list, on the bytes that would go to the reader. One application, four files, six shapes of command, and an order:
 * a PIN is presented once in a session and only to the authentication PIN; the key is used only after that.
 *
 * @throws ForbiddenCommand
 */
export function judgeCommand(bytes: Uint8Array, state: ChannelState): Verdict {
  const command = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = command.subarray(0, 4).toString('hex')
  const rest = command.subarray(4)
  switch (header) {
    case '00a4040c':
      if (rest[0] !== JPKI_AID.length || !rest.subarray(1).equals(JPKI_AID)) break
      return { kind: 'select-application' }
    case '00a4020c': {
      if (!state.application || rest.length !== 3 || rest[0] !== 2) break
      const file = rest.readUInt16BE(1)
      if (!isAllowedFile(file)) break
      return { kind: 'select-file', file }
    }
    case '00200080':
      if (!state.application || state.file !== FILES.authenticationPin) break
      if (rest.length === 0 || (rest.length === 1 && rest[0] === 0)) return { kind: 'ask-tries' }
      if (state.pinPresented || rest.length !== 5 || rest[0] !== 4 || !areDigits(rest.subarray(1))) break
      return { kind: 'verify' }
    case '802a0080':
      if (!state.application || state.file !== FILES.authenticationKey || !state.pinPresented) break
      if (rest.length !== SHA256_DIGEST_INFO_BYTES + 2 || rest[0] !== SHA256_DIGEST_INFO_BYTES) break
      if (!rest.subarray(1, 1 + SHA256_DIGEST_INFO_PREFIX.length).equals(SHA256_DIGEST_INFO_PREFIX)) break
      return { kind: 'sign' }
    case '00c00000':
      if (!state.answerPending || rest.length !== 1) break
      return { kind: 'get-response' }
  }
  if (isReadBinary(command) && (state.file === FILES.tokenInfo || state.file === FILES.authenticationCertificate)) {
    return { kind: 'read' }
  }
  throw new ForbiddenCommand(`command ${header} is not on the allow-list here`)
}

/** 00 B0 with a 15-bit offset: P1 above 7F would name a short file identifier instead, and pass by the file allow-list. */
function isReadBinary(command: Buffer): boolean {
  return command.length === 5 && command[0] === 0x00 && command[1] === 0xb0 && (command[2] ?? 0xff) < 0x80
}

function areDigits(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x30 && byte <= 0x39)
}
