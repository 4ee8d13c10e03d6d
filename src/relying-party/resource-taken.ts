import { z } from 'zod'

/** Another client is this API already. Named like every other fault of a registration. */
export function resourceTaken(): z.ZodError {
  const path = ['resourceServer', 'resource']
  return new z.ZodError([{ code: 'custom', path, message: 'is the API of another client', input: undefined }])
}
