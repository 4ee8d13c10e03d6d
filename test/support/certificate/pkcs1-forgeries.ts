import { constants, createHash, privateEncrypt, sign, type KeyObject } from 'node:crypto'

/** Octets of an RSA-2048 signature. */
const K = 256

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const SHA256_OID = hex('06 09 60 86 48 01 65 03 04 02 01')
const NULL = hex('05 00')

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}

/** As BER allows: a length in more octets than needed. */
const longForm = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, 0x81, content.length]), content])
}

const digestInfo = (hash: Buffer, oid = SHA256_OID, ...parameters: readonly Buffer[]): Buffer =>
  tlv(0x30, tlv(0x30, oid, ...parameters), tlv(0x04, hash))

/** EMSA-PKCS1-v1_5 with any payload (RFC 8017 §9.2). */
const encode = (payload: Buffer, type = 0x01, filler = 0xff): Buffer =>
  Buffer.concat([Buffer.from([0, type]), Buffer.alloc(K - 3 - payload.length, filler), Buffer.from([0]), payload])

/** An encoded message whose padding is cut short, so that there is room after the payload. */
const encodeShort = (padding: number, payload: Buffer, garbage: number): Buffer =>
  Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.alloc(padding, 0xff),
    Buffer.from([0]),
    payload,
    Buffer.alloc(K - 3 - padding - payload.length, garbage),
  ])

/** The control: exactly what a card makes. */
export function correctMessage(message: Uint8Array): Buffer {
  return encode(digestInfo(sha256(message), SHA256_OID, NULL))
}

/** Encoded messages that lenient verifiers have taken for the correct one; after the collection of Wycheproof. */
export function forgedMessages(message: Uint8Array): Readonly<Record<string, Buffer>> {
  const hash = sha256(message)
  const good = digestInfo(hash, SHA256_OID, NULL)
  const algorithm = tlv(0x30, SHA256_OID, NULL)
  const wrongOid = (octets: string): Buffer => encode(digestInfo(hash, hex(octets), NULL))
  return {
    'BER: long length of the DigestInfo': encode(longForm(0x30, algorithm, tlv(0x04, hash))),
    'BER: long length of the algorithm': encode(tlv(0x30, longForm(0x30, SHA256_OID, NULL), tlv(0x04, hash))),
    'BER: long length of the identifier': encode(
      tlv(0x30, tlv(0x30, longForm(0x06, SHA256_OID.subarray(2)), NULL), tlv(0x04, hash)),
    ),
    'BER: long length of the NULL': encode(tlv(0x30, tlv(0x30, SHA256_OID, hex('05 81 00')), tlv(0x04, hash))),
    'BER: long length of the digest': encode(tlv(0x30, algorithm, longForm(0x04, hash))),
    'BER: length in three octets with leading zeros': encode(
      Buffer.concat([hex('30 82 00'), Buffer.from([good.length - 2]), good.subarray(2)]),
    ),
    'BER: indefinite length of the DigestInfo': encode(
      Buffer.concat([hex('30 80'), algorithm, tlv(0x04, hash), hex('00 00')]),
    ),
    'BER: constructed digest': encode(tlv(0x30, algorithm, tlv(0x24, tlv(0x04, hash)))),
    'the NULL is missing': encode(digestInfo(hash)),
    'the NULL has content': encode(tlv(0x30, tlv(0x30, SHA256_OID, hex('05 01 00')), tlv(0x04, hash))),
    'two NULLs': encode(digestInfo(hash, SHA256_OID, NULL, NULL)),
    'garbage in the parameters': encode(digestInfo(hash, SHA256_OID, tlv(0x04, Buffer.alloc(100, 7)))),
    'garbage after the parameters': encode(digestInfo(hash, SHA256_OID, NULL, tlv(0x04, Buffer.alloc(64, 7)))),
    'garbage at the end of the DigestInfo': encode(tlv(0x30, algorithm, tlv(0x04, hash), tlv(0x04, Buffer.alloc(40)))),
    'garbage after the DigestInfo, padding of eight': encodeShort(8, good, 0x7a),
    'zeros after the DigestInfo, padding of eight': encodeShort(8, good, 0x00),
    'one octet after the DigestInfo': encodeShort(K - 4 - good.length, good, 0x00),
    'no padding at all, garbage behind': encodeShort(0, good, 0x7a),
    'padding of zeros': encode(good, 0x01, 0x00),
    'one padding octet differs': withOctet(encode(good), 100, 0xfe),
    'the first padding octet differs': withOctet(encode(good), 2, 0x00),
    'the last padding octet differs': withOctet(encode(good), K - good.length - 2, 0xfe),
    'no separator': withOctet(encode(good), K - good.length - 1, 0xff),
    'block type 0': encode(good, 0x00, 0x00),
    'block type 2': encode(good, 0x02, 0xaa),
    'the first octet is not zero': withOctet(encode(good), 0, 0x01),
    'the hash alone, without DigestInfo': encode(hash),
    'the hash in an OCTET STRING alone': encode(tlv(0x04, hash)),
    'the identifier of SHA-1': wrongOid('06 05 2b 0e 03 02 1a'),
    'the identifier of MD5': wrongOid('06 08 2a 86 48 86 f7 0d 02 05'),
    'the identifier of SHA-384': wrongOid('06 09 60 86 48 01 65 03 04 02 02'),
    'the identifier of SHA-512': wrongOid('06 09 60 86 48 01 65 03 04 02 03'),
    'the identifier of SHA-224': wrongOid('06 09 60 86 48 01 65 03 04 02 04'),
    'the identifier of SHA-512/256': wrongOid('06 09 60 86 48 01 65 03 04 02 06'),
    'the identifier of SHA3-256': wrongOid('06 09 60 86 48 01 65 03 04 02 08'),
    'an identifier with a leading zero': wrongOid('06 0a 80 60 86 48 01 65 03 04 02 01'),
    'SHA-1 throughout': encode(
      digestInfo(createHash('sha1').update(message).digest(), hex('06 05 2b 0e 03 02 1a'), NULL),
    ),
    'SHA-512 throughout': encode(
      digestInfo(createHash('sha512').update(message).digest(), hex('06 09 60 86 48 01 65 03 04 02 03'), NULL),
    ),
    'the hash of another message': encode(digestInfo(sha256(Buffer.from('another')), SHA256_OID, NULL)),
    'the hash hashed once more (double hashing)': encode(digestInfo(sha256(hash), SHA256_OID, NULL)),
    'the hash cut to 31 octets': encode(digestInfo(hash.subarray(0, 31), SHA256_OID, NULL)),
    'the hash with an octet more': encode(digestInfo(Buffer.concat([hash, hex('00')]), SHA256_OID, NULL)),
    'the message itself': encode(Buffer.from(message).subarray(0, 128)),
    nothing: Buffer.alloc(K),
  }
}

/** RSASP1: whatever the encoded message is. */
export function signRaw(privateKey: KeyObject, encodedMessage: Buffer): Buffer {
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encodedMessage)
}

/** Signatures that are wrong as numbers or as octets, over a message that is right. */
export function forgedSignatures(privateKey: KeyObject, message: Uint8Array): Readonly<Record<string, Buffer>> {
  const good = sign('sha256', message, privateKey)
  const { n = '' } = privateKey.export({ format: 'jwk' })
  const modulus = Buffer.from(n, 'base64url')
  const number = (octets: Buffer): bigint => BigInt(`0x${octets.toString('hex')}`)
  const octets = (value: bigint, length = K): Buffer => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
  const pss = (saltLength: number): Buffer =>
    sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
  return {
    'RSASSA-PSS, salt of 32': pss(32),
    'RSASSA-PSS, no salt': pss(0),
    'a leading zero octet': Buffer.concat([Buffer.from([0]), good]),
    'a trailing zero octet': Buffer.concat([good, Buffer.from([0])]),
    'one octet short': good.subarray(1),
    'the signature plus the modulus': octets(number(good) + number(modulus), K + 1),
    'the modulus minus the signature': octets(number(modulus) - number(good)),
    zero: Buffer.alloc(K),
    one: octets(1n),
    'the modulus': modulus,
    'the modulus minus one': octets(number(modulus) - 1n),
    'all ones': Buffer.alloc(K, 0xff),
    'as little-endian octets': Buffer.from(good).reverse(),
    empty: Buffer.alloc(0),
  }
}

/**
 * Bleichenbacher's forgery against e = 3: a number whose cube starts with padding, separator and a good DigestInfo, and ends in
 * whatever it ends in. Needs no private key.
 */
export function cubeRootForgery(message: Uint8Array): Buffer {
  const start = Buffer.concat([hex('00 01 ff ff ff ff ff ff ff ff 00'), digestInfo(sha256(message), SHA256_OID, NULL)])
  const target = BigInt(`0x${Buffer.concat([start, Buffer.alloc(K - start.length, 0xff)]).toString('hex')}`)
  const root = cubeRoot(target)
  return Buffer.from(root.toString(16).padStart(K * 2, '0'), 'hex')
}

/** The largest number whose cube is not above `target`. */
function cubeRoot(target: bigint): bigint {
  let low = 0n
  let high = 1n << 700n
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (middle ** 3n <= target) low = middle
    else high = middle - 1n
  }
  return low
}

function withOctet(octets: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(octets)
  copy[at] = value
  return copy
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
