import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'
import { AGENT } from './agent-package.ts'

const ROOT = new URL('../../', import.meta.url)
const PCSC = 'pcsc-mini'

export interface Bundle {
  readonly code: Uint8Array
  /** Every file that went in, relative to the repository. */
  readonly inputs: readonly string[]
}

/**
 * The whole agent as one CommonJS file.
 *
 * @param options.native `inside`: for the single executable, pcsc-mini is in it and its native part an asset; `beside`: for npm,
 *   pcsc-mini is the one package that is installed with it, since npm chooses the native part for each computer
 */
export async function bundleAgent({ native }: { native: 'inside' | 'beside' }): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(ROOT),
    entryPoints: [fileURLToPath(new URL('src/command/main.ts', AGENT))],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
    external: native === 'beside' ? [PCSC] : [],
    plugins: native === 'inside' ? [embedAddon] : [],
    // a CommonJS module has no import.meta; where the files lie is asked from the place of the bundle
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: `#!/usr/bin/env node\nconst __bundleUrl=require('node:url').pathToFileURL(__filename).href;` },
  })
  const [file] = outputFiles
  if (file === undefined || outputFiles.length !== 1) throw new Error('the agent is not one file')
  return { code: file.contents, inputs: listInputs(metafile) }
}

/** pcsc-mini chooses a package with a native part at run time; in the executable there is one, inside. */
const embedAddon: Plugin = {
  name: 'embed-addon',
  setup(building) {
    const loader = fileURLToPath(new URL('src/card/pcsc/load-embedded-addon.ts', AGENT))
    building.onLoad({ filter: /[\\/]pcsc-mini[\\/]build[\\/]addon\.node\.js$/ }, () => ({
      contents: `module.exports = require(${JSON.stringify(loader)}).loadEmbeddedAddon()`,
      loader: 'js',
    }))
  },
}

/** What the bundler looked at but left out, every byte of it, is not in. */
function listInputs({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  )
}
