/** vpcd's control messages, one byte each (vsmartcard, `vpcd.h`); any longer message is a command APDU. */
export const CONTROL = { powerOff: 0, powerOn: 1, reset: 2, atr: 4 } as const

const LENGTH_BYTES = 2

/** A message with its length of two bytes, big-endian, in front. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(LENGTH_BYTES + message.length)
  framed.writeUInt16BE(message.length)
  framed.set(message, LENGTH_BYTES)
  return framed
}

/** Puts messages together again from pieces of a stream. */
export function createFrameReader(): { push(bytes: Uint8Array): Buffer[] } {
  let pending: Buffer = Buffer.alloc(0)
  return {
    push(bytes) {
      pending = Buffer.concat([pending, bytes])
      const messages: Buffer[] = []
      while (pending.length >= LENGTH_BYTES && pending.length >= LENGTH_BYTES + pending.readUInt16BE()) {
        const end = LENGTH_BYTES + pending.readUInt16BE()
        messages.push(Buffer.from(pending.subarray(LENGTH_BYTES, end)))
        pending = pending.subarray(end)
      }
      return messages
    },
  }
}
