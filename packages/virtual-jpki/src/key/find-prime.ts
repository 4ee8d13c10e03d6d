import { checkPrime } from 'node:crypto'
import { promisify } from 'node:util'

import type { ByteStream } from './hmac-drbg.ts'

const isProbablePrime = promisify(checkPrime) as (candidate: bigint) => Promise<boolean>

/** Odd primes below 2^14: sieving with them leaves about one odd candidate in nine for the costly test. */
const SMALL_PRIMES = sieveBelow(1 << 14).slice(1)

/** How far one random start is searched upwards, in odd numbers: about 11 times the mean gap for 1024 bits. */
const WINDOW = 4096

function sieveBelow(limit: number): readonly number[] {
  const composite = new Uint8Array(limit)
  const primes: number[] = []
  for (let n = 2; n < limit; n += 1) {
    if (composite[n] === 1) continue
    primes.push(n)
    for (let multiple = n * n; multiple < limit; multiple += n) composite[multiple] = 1
  }
  return primes
}

/** Offsets k for which `start + 2k` has no small factor. */
function sieveWindow(start: bigint): readonly number[] {
  const composite = new Uint8Array(WINDOW)
  for (const prime of SMALL_PRIMES) {
    const remainder = Number(start % BigInt(prime))
    // start + 2k ≡ 0 (mod prime)  ⇔  k ≡ -start / 2; (prime + 1) / 2 is the inverse of 2.
    let k = ((prime - remainder) * ((prime + 1) / 2)) % prime
    for (; k < WINDOW; k += prime) composite[k] = 1
  }
  return Array.from(composite.keys()).filter((k) => composite[k] === 0)
}

/**
 * The first prime after a start drawn from the stream, with the two top bits set and gcd(prime - 1, exponent) = 1.
 * Which prime it is depends on the stream alone: primality is a fact, not a matter of the library's version.
 */
export async function findPrime(stream: ByteStream, bits: number, exponent: bigint): Promise<bigint> {
  for (;;) {
    const octets = stream.take(bits / 8)
    octets[0] = (octets[0] ?? 0) | 0xc0
    octets[octets.length - 1] = (octets.at(-1) ?? 0) | 1
    const start = BigInt(`0x${octets.toString('hex')}`)
    for (const offset of sieveWindow(start)) {
      const candidate = start + 2n * BigInt(offset)
      if (candidate >> BigInt(bits) !== 0n) break
      if ((candidate - 1n) % exponent === 0n) continue
      if (await isProbablePrime(candidate)) return candidate
    }
  }
}
