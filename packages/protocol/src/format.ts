/** The one wire format spoken between provider and agent. A change of any signed or sent byte is a new format. */
export const FORMAT = 'sekisho:1'

/** Loopback port of the agent; a fixed number, so that a page can name it (protocol.md). */
export const AGENT_PORT = 24815

/** A response larger than this is refused before it is parsed. */
export const MAX_RESPONSE_BYTES = 16 * 1024

/** A ticket document larger than this is refused by the agent before it is parsed. */
export const MAX_TICKET_BYTES = 8 * 1024
