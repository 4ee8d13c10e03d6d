import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const PACKAGE = new URL('../../packages/sign-in-button/', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as { version: string }

export const BUTTON_VERSION = version

/** The button as one module. The same source and the same tools give the same bytes, on any machine. */
export async function bundleButton(): Promise<string> {
  const made = await build({
    configFile: false,
    root: fileURLToPath(PACKAGE),
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: 'src/index.ts', formats: ['es'] },
      rolldownOptions: { output: { minify: true } },
    },
  })
  const [{ output }] = made as unknown as [Rolldown.RolldownOutput]
  const [{ code }, ...rest] = output
  if (rest.length > 0) throw new Error('the button is more than one file')
  return `/*! @sekisho/sign-in-button ${version}, MIT */\n${code.trimEnd()}\n`
}

/** Types for npm. */
export function declareButton(directory: string): void {
  const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', directory]
  const { status } = spawnSync('tsc', ['--project', fileURLToPath(PACKAGE), ...flags], { stdio: 'inherit' })
  if (status !== 0) throw new Error('tsc could not write the types')
}

/** Subresource Integrity §3.1. */
export function integrityOf(code: string): string {
  return `sha384-${createHash('sha384').update(code).digest('base64')}`
}

export function sizeOf(code: string): { readonly plain: number; readonly gzipped: number } {
  return { plain: Buffer.byteLength(code), gzipped: gzipSync(code, { level: 9 }).length }
}
