import { PortBusy } from '@sekisho/agent'
import { ConfigError } from '../../config/config-error.ts'
import { DataDirectoryInUse } from '../../storage/lock-data-directory.ts'
import { PortTaken } from '../http-server.ts'

/** The demonstration cannot run here now; `message` says what to do. */
export class DemoRefused extends Error {
  override readonly name = 'DemoRefused'
  readonly code: 'PORT_TAKEN' | 'DATA_DIRECTORY_IN_USE' | 'DATA_DIRECTORY_UNUSABLE'
  constructor(code: DemoRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** What a person is told of a fault whose remedy is in their hands; any other fault stays what it is. */
export function explainDemoFault(fault: unknown): unknown {
  const port = fault instanceof PortTaken || fault instanceof PortBusy ? fault.port : takenPort(fault)
  if (port !== undefined) {
    return new DemoRefused(
      'PORT_TAKEN',
      `Port ${port} is taken by another program (perhaps another demonstration). Stop it, or choose other ports: npm start -- --port-base 4000`,
    )
  }
  if (fault instanceof DataDirectoryInUse) {
    return new DemoRefused(
      'DATA_DIRECTORY_IN_USE',
      `${fault.message} Choose another one: npm start -- --data DIRECTORY`,
    )
  }
  if (fault instanceof ConfigError) return unusableDirectory(fault)
  return fault
}

function takenPort(fault: unknown): number | undefined {
  const { code, port } = fault as NodeJS.ErrnoException & { port?: number }
  return code === 'EADDRINUSE' ? port : undefined
}

/** The data directory cannot be made, read or written. */
export function unusableDirectory(fault: unknown): DemoRefused {
  return new DemoRefused(
    'DATA_DIRECTORY_UNUSABLE',
    `${fault instanceof Error ? fault.message : String(fault)}\nChoose another directory: npm start -- --data DIRECTORY`,
  )
}
