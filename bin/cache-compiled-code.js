// not by name: older ones have no “enableCompileCache”, and would end here
import nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Before the first TypeScript is loaded: what was stripped and compiled once is not again, and what strips (19 MB) is not even there. Beside
 * the code, and nowhere that another user could write what we run (docs/adr/0026).
 */
export function cacheCompiledCode() {
  nodeModule.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/sekisho', import.meta.url)))
}
