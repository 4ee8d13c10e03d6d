import { z } from 'zod'

/** What operators do with clients and signing keys, and programs with clients of their own; never a secret, never a key. */
export const OPERATION_EVENTS = [
  z.strictObject({
    type: z.literal('client.changed'),
    clientId: z.string().min(1).max(255),
    change: z.enum([
      'added',
      'registered_itself',
      'updated',
      'updated_itself',
      'secret_rotated',
      'disabled',
      'deleted_itself',
      'enabled',
    ]),
    /** Of an update: the names of the fields that are another now, never what is in them. */
    fields: z.array(z.string().min(1).max(255)).max(100).optional(),
  }),
  z.strictObject({
    type: z.literal('signing_key.changed'),
    /** RFC 7638 thumbprint of the public key. */
    kid: z.string().min(1).max(255),
    change: z.enum(['published', 'activated', 'retired', 'erased']),
  }),
  /** The key of the handles: a new one is known, is written, or the old ones are forgotten. `version` is the one that is written. */
  z.strictObject({
    type: z.literal('pepper.changed'),
    step: z.enum(['introduce', 'promote', 'retire']),
    version: z.int().positive(),
  }),
  /** Where sessions, tickets and tokens are kept from now on (docs/adr/0021): all that were there ended. */
  z.strictObject({
    type: z.literal('short_lived.moved'),
    to: z.enum(['database', 'redis']),
    ended: z.int().min(0),
  }),
  /** A backup was restored (docs/adr/0014): what ended with it, and what is held until somebody has looked. */
  z.strictObject({
    type: z.literal('database.recovered'),
    /** How the operator knew what was lost. */
    by: z.enum(['audit_copy', 'nothing_known', 'nothing_lost']),
    lostEvents: z.int().min(0),
    held: z.int().min(0),
    ended: z.int().min(0),
  }),
] as const
