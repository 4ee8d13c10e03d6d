/**
 * What a trace may show of a command: its header, for SELECT also what is selected. Never data of VERIFY (the PIN), of READ BINARY
 * (the certificate) or of COMPUTE SIGNATURE.
 */
export function maskCommand(command: Uint8Array): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()
  if (command[1] === 0xa4) return hex(command)
  if (command.length <= 5) return hex(command)
  return `${hex(command.subarray(0, 5))} <${String(command.length - 5)} bytes>`
}
