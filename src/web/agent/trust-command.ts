/** What a person types once, so that the agent answers to this provider. `http:` is a provider on one's own computer. */
export function trustCommand(issuer: string): string {
  return `sekisho-agent trust add ${issuer}${issuer.startsWith('http:') ? ' --development' : ''}`
}
