#!/usr/bin/env node
// Plain JavaScript for any Node: finds one that runs TypeScript by itself, and hands over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const command = join(folder, '..', 'src', 'command', 'main.ts')
const needed = [22, 18]

if (isRecent(process.versions.node)) {
  await import(pathToFileURL(command).href)
} else {
  const bundled = findBundledNode(folder)
  if (bundled === undefined) {
    console.error(
      `sekisho-jpki needs Node ${needed.join('.')} or newer; this is ${process.version}. Install Node 24, or run "npm ci" (it brings one).`,
    )
    process.exit(69)
  }
  const child = spawn(bundled, [command, ...process.argv.slice(2)], { stdio: 'inherit' })
  child.on('error', (error) => {
    console.error(`sekisho-jpki: ${error.message}`)
    process.exit(69)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128)
  })
}

/** The npm package `node` puts a Node binary beside the other packages, in this folder's node_modules or one above. */
function findBundledNode(from) {
  for (let at = from; ; at = dirname(at)) {
    const binary = join(at, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (existsSync(binary)) return binary
    if (dirname(at) === at) return undefined
  }
}

/** Node runs TypeScript by itself from 22.18 on, and in its 23 line from 23.6 on. */
function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major === 23) return minor >= 6
  return major > needed[0] || (major === needed[0] && minor >= needed[1])
}
