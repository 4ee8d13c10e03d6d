import { homedir } from 'node:os'
import { join } from 'node:path'

/** XDG Base Directory: `$XDG_CONFIG_HOME/sekisho-agent/trust.json`; `%APPDATA%` on Windows. A relative XDG path is ignored, as the specification says. */
export function trustFilePath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: appData } = env
  if (platform === 'win32' && appData) return join(appData, 'sekisho-agent', 'trust.json')
  return join(xdg?.startsWith('/') ? xdg : join(homedir(), '.config'), 'sekisho-agent', 'trust.json')
}
