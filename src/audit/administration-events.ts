import { z } from 'zod'
import { ROLES } from '../administration/role.ts'

const id = z.uuid()
const role = z.enum(ROLES)
const clientId = z.string().min(1).max(255)
const act = z.string().min(1).max(100)
/** `POST /administrators/:accountId/role`: the pattern, never what stood in its places. */
const route = z.string().min(1).max(200)

/** What administrators do in the console and by its API. The actor is the administrator, or the program. */
export const ADMINISTRATION_EVENTS = [
  z.strictObject({ type: z.literal('admin.invited'), invitationId: id, role }),
  z.strictObject({ type: z.literal('admin.invitation_withdrawn'), invitationId: id, role }),
  z.strictObject({ type: z.literal('admin.joined'), accountId: id, credentialId: id, invitationId: id, role }),
  z.strictObject({ type: z.literal('admin.role_changed'), accountId: id, before: role, role }),
  z.strictObject({ type: z.literal('admin.removed'), accountId: id, role }),
  z.strictObject({ type: z.literal('admin.signed_in'), accountId: id, credentialId: id, role }),
  z.strictObject({ type: z.literal('admin.signed_out'), accountId: id }),
  /**
   * An act was let through, by this card and in this role; its own events follow. Written before it is carried out. `credentialId`: the
   * card of the tap where one was needed, else of the session; absent for a program without a person.
   */
  z.strictObject({
    type: z.literal('admin.act_begun'),
    act,
    route,
    role: role.optional(),
    credentialId: id.optional(),
    /** Of a program. */
    clientId: clientId.optional(),
    tapped: z.boolean(),
  }),
  /** An act that somebody who was signed in may not do, or a form or token that is not theirs. */
  z.strictObject({
    type: z.literal('admin.act_refused'),
    act,
    route,
    role: role.optional(),
    credentialId: id.optional(),
    clientId: clientId.optional(),
    code: z.string().min(1).max(100),
  }),
  /** Which programs may use the admin API. */
  z.strictObject({
    type: z.literal('admin.api_client_changed'),
    clientId,
    change: z.enum(['added', 'removed']),
    scopes: z.array(z.string().max(120)).max(100),
  }),
] as const
