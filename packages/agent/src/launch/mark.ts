/** Stands in every file that `install` makes, in a comment. A file without it is a stranger's. */
export const MARK = 'Made by "sekisho-agent install"; "sekisho-agent uninstall" takes it away.'

/** What a page opens to wake the agent. Nothing behind the colon means anything. */
export const SCHEME = 'sekisho-agent'
