#!/usr/bin/env node
// Plain JavaScript for any Node: finds one that runs TypeScript by itself, and hands over.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cacheCompiledCode } from './cache-compiled-code.js'
import { sizeForServing } from './size-for-serving.js'

const program = fileURLToPath(import.meta.url)
const needed = [22, 18]

if (isRecent(process.versions.node)) {
  sizeForServing(program)
  cacheCompiledCode()
  await import('../src/main/cli.ts')
} else {
  const bundled = bundledNode()
  if (bundled === undefined) {
    console.error(
      `sekisho needs Node ${needed.join('.')} or newer; this is ${process.version}. Run "npm ci" in its folder (it brings one) or install Node 24.`,
    )
    process.exit(69)
  }
  const child = spawn(bundled, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128)
  })
}

/** The npm package `node` puts a Node binary beside the other packages. */
function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
    const binary = join(dirname(manifest), 'bin', 'node')
    return isRecent(version) && existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > needed[0] || (major === needed[0] && minor >= needed[1])
}
