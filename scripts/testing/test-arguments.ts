import { LAYERS, type LayerName } from './layers.ts'

export interface TestArguments {
  /** The layers named by `--project`, in the order of LAYERS; all when none is named. */
  readonly layers: readonly LayerName[]
  /** Everything else, for vitest: names of files, `-t`, options. */
  readonly filters: readonly string[]
}

/**
 * Splits the arguments of `npm test` into layers and the rest. `--project` takes the name of a layer, with `=` or a space.
 *
 * @throws RangeError when a layer does not exist: a misspelt name must not pass as "nothing failed"
 */
export function parseTestArguments(args: readonly string[]): TestArguments {
  const names = new Set<string>()
  const filters: string[] = []
  const rest = args.values()
  for (const argument of rest) {
    if (argument === '--project') names.add(rest.next().value ?? '')
    else if (argument.startsWith('--project=')) names.add(argument.slice('--project='.length))
    else filters.push(argument)
  }
  const all: readonly LayerName[] = LAYERS.map(({ name }) => name)
  const unknown = [...names].filter((name) => !all.some((layer) => layer === name))
  if (unknown.length > 0) throw new RangeError(`no such layer: ${unknown.join(', ')}; there are ${all.join(', ')}`)
  return { layers: names.size === 0 ? all : all.filter((name) => names.has(name)), filters }
}
