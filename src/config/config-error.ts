/** One key and what is wrong with it; never its value, which may be a secret. */
export interface ConfigFault {
  readonly key: string
  readonly fault: string
}

/** Every fault of a configuration at once, so that an operator mends it in one go. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(['the configuration cannot be used:', ...faults.map(({ key, fault }) => `  ${key}: ${fault}`)].join('\n'))
    this.faults = faults
  }
}
