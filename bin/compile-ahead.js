// `node bin/compile-ahead.js`: what a server loads is compiled now, for where it may not write later (Dockerfile). By the user who will run
// it: each has a cache of their own.
import { cacheCompiledCode } from './cache-compiled-code.js'

cacheCompiledCode()
await import('../src/main/serve-command.ts')
await import('../src/main/serve/serve-here.ts')
// these are loaded when they are first needed
await import('../src/storage/redis/open-redis.ts')
await Promise.all(['undici', 'qrcode'].map((name) => import(name)))
