import { fileURLToPath } from 'node:url'

/** A pinentry that answers as the variable FAKE_PINENTRY (JSON) says: see there. */
export const FAKE_PINENTRY = fileURLToPath(new URL('fake-pinentry.mjs', import.meta.url))
