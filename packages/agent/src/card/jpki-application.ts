/** JPKI-AP, the one application this program may select (jpki.md §1.1). */
export const JPKI_AID = Buffer.from('D392F000260100000001', 'hex')

/** The files of JPKI-AP this program may select (jpki.md §1.2). The individual number lives in another application. */
export const FILES = {
  tokenInfo: 0x0006,
  authenticationCertificate: 0x000a,
  authenticationKey: 0x0017,
  authenticationPin: 0x0018,
} as const

export type FileId = (typeof FILES)[keyof typeof FILES]

export function isAllowedFile(id: number): id is FileId {
  return Object.values<number>(FILES).includes(id)
}

/** A full counter of the authentication PIN (jpki.md §1.6). */
export const PIN_MAX_TRIES = 3

/** RFC 8017 §9.2 note 1: DigestInfo of SHA-256 up to its 32 bytes of hash. */
export const SHA256_DIGEST_INFO_PREFIX = Buffer.from('3031300d060960864801650304020105000420', 'hex')
export const SHA256_DIGEST_INFO_BYTES = SHA256_DIGEST_INFO_PREFIX.length + 32
