import { MARK } from './mark.ts'
import { refuseControl } from './refuse-control.ts'

export const UNIT_NAME = 'sekisho-agent.service'

/**
 * A unit of the user's own systemd. What it says about safety is what a user's manager can do without namespaces.
 *
 * @throws Error for a path with a control character
 */
export function writeSystemdUnit(command: readonly string[]): string {
  return `# ${MARK}
[Unit]
Description=Sekisho Agent (sign-in with the My Number Card)
StartLimitIntervalSec=120
StartLimitBurst=4

[Service]
ExecStart=${[...command, 'serve'].map(quote).join(' ')}
Restart=on-failure
RestartSec=5
NoNewPrivileges=true
LimitCORE=0
UMask=0077
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

[Install]
WantedBy=default.target
`
}

/** systemd.service(5), "Command lines": quotes, C escapes; `%` and `$` are doubled. */
function quote(argument: string): string {
  refuseControl(argument)
  return `"${argument.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}
