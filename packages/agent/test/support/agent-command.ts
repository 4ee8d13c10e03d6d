import { SHIM } from './run-command.ts'

/**
 * The agent as people run it: a process of its own. `SEKISHO_AGENT_COMMAND` (a JSON list: file and first arguments) names another
 * build of it, for instance a single executable.
 */
export const AGENT_COMMAND: readonly [string, ...string[]] = (() => {
  const given = process.env['SEKISHO_AGENT_COMMAND']
  return given === undefined ? [process.execPath, SHIM] : (JSON.parse(given) as [string, ...string[]])
})()
