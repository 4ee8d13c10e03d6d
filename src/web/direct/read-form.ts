import express, { type Request } from 'express'
import type { Exchange } from './exchange.ts'

export type Form = Readonly<Record<string, unknown>>

/** A form of ours, as the pages of express read theirs: its reader needs no express around it. */
export function createFormReader({
  maxBytes,
  maxFields,
}: {
  readonly maxBytes: number
  readonly maxFields: number
}): (exchange: Pick<Exchange, 'req' | 'res'>) => Promise<Form> {
  const read = express.urlencoded({ extended: false, limit: maxBytes, parameterLimit: maxFields })
  return ({ req, res }) =>
    new Promise((resolve, reject) => {
      const request = req as Request
      // it reads the stream and its headers alone
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
      read(request, res, (fault?: unknown) => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        if (fault !== undefined) reject(fault)
        else resolve((request.body ?? {}) as Form)
      })
    })
}
