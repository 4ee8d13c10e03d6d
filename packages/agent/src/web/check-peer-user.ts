import type { RequestHandler } from 'express'
import { AgentRefusal } from '../ceremony/agent-refusal.ts'
import { readPeerUser, type PeerUser } from './read-peer-user.ts'

/**
 * Loopback belongs to every user of the computer; this program belongs to one. Another user must not be able to type PINs into
 * somebody's card until it locks. Where the system does not tell (all but Linux), the ticket and the token are what is left.
 */
export function checkPeerUser(deps: { peerUser?: PeerUser; ownUser?: number | undefined } = {}): RequestHandler {
  const { peerUser = readPeerUser, ownUser = process.getuid?.() } = deps
  return async (request, _response, next) => {
    const user = ownUser === undefined ? undefined : await peerUser(request.socket)
    if (user !== undefined && user !== ownUser) throw new AgentRefusal('REQUEST_FOREIGN', 'user')
    next()
  }
}
