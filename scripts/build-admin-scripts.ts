import { readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'

const SOURCE = new URL('../src/relying-party/redirect-uri-fault.ts', import.meta.url)
export const BUILT = new URL('../public/admin/redirect-uri-fault.js', import.meta.url)

/** The rules of addresses for the browser: the very ones of the server, without their types. A house test holds the file to it. */
export async function buildAddressRules(): Promise<string> {
  const code = stripTypeScriptTypes(await readFile(SOURCE, 'utf8')).replace(/^\/\/.*\n/, '')
  const head = '// Made by scripts/build-admin-scripts.ts from src/relying-party/redirect-uri-fault.ts.\n'
  return format(head + code, { parser: 'babel', semi: false, singleQuote: true, printWidth: 120, trailingComma: 'all' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(BUILT, await buildAddressRules())
