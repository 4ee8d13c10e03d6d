import type { AnchorPurpose } from '../profile/certificate-profile.ts'

/** A CA generation of JPKI. All of a purpose share one distinguished name; the key identifier tells them apart (jpki.md §2.1). */
export interface PublishedGeneration {
  readonly name: string
  readonly purpose: AnchorPurpose
  /** Subject key identifier: SHA-1 of the public key. */
  readonly keyId: string
  /** SHA-256 of the certificate; `undefined` where its bytes are not in our hands. */
  readonly fingerprint: string | undefined
}

/** @see jpki.md §2.1 */
export const PUBLISHED_GENERATIONS: readonly PublishedGeneration[] = [
  {
    name: 'authca01',
    purpose: 'authentication',
    keyId: '9567951b5ca70d84a0fff1d85a87f1aab1340385',
    fingerprint: '4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D',
  },
  {
    name: 'authca02',
    purpose: 'authentication',
    keyId: '8cd5586a891485e559379b7e29d410cfd28b3593',
    fingerprint: undefined,
  },
  {
    name: 'authca03',
    purpose: 'authentication',
    keyId: '1ac100f596a3bc8c4b3df195e32699249e9e308a',
    fingerprint: '64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5',
  },
  {
    name: 'signca01',
    purpose: 'signature',
    keyId: '0d034cbb34d0714f45e45a1cafd8fd143fab54a7',
    fingerprint: '19645405A1FE14377434BD55957628AC4038557C542403A2243F21C706FC9355',
  },
  {
    name: 'signca02',
    purpose: 'signature',
    keyId: '4de017de4b7f473dcd867a62d38b134ace83558a',
    fingerprint: '79679C33E4CC9319440F1AD120A597FF1844E2EF217063ADB176966FD5E6FBEB',
  },
  {
    name: 'signca03',
    purpose: 'signature',
    keyId: 'd21ea55895617e93adbf966b941ab4edf653f08f',
    fingerprint: 'D227F6CDE11D35C5252178F106F843D24651944975413B539FA2FB68DBFA365F',
  },
]
