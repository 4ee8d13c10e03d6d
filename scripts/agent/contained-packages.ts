import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** An npm package that is in what is handed out. */
export interface ContainedPackage {
  readonly name: string
  readonly version: string
  /** SPDX. */
  readonly license: string
  /** The licence texts it brings. */
  readonly texts: readonly string[]
  /** Subresource Integrity of its tarball, from the lock file. */
  readonly integrity: string | undefined
}

/** The packages that these files belong to, once each, by name. @throws Error for one that does not say its licence */
export function findPackages(inputs: readonly string[], more: readonly string[] = []): readonly ContainedPackage[] {
  const folders = inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  const unique = new Set([...folders, ...more.map((name) => `node_modules/${name}`)])
  const locked = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>
  }
  return [...unique]
    .map((folder) => describePackage(folder, locked.packages[folder]?.integrity))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function describePackage(folder: string, integrity: string | undefined): ContainedPackage {
  const path = join(ROOT, folder)
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: unknown
  }
  if (typeof license !== 'string') throw new Error(`${name} does not say its licence`)
  const texts = existsSync(path)
    ? readdirSync(path)
        .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
        .map((file) => readFileSync(join(path, file), 'utf8').trim())
    : []
  return { name, version, license, texts, integrity }
}
