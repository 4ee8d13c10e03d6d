import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createVirtualJpki } from '@sekisho/virtual-jpki'
import { chooseIssuer } from '../src/certificate/anchor/choose-issuer.ts'
import { loadTrustAnchors } from '../src/certificate/anchor/load-trust-anchors.ts'
import { parseCertificate } from '../src/certificate/x509/parse-certificate.ts'
import { createCrlKeeper } from '../src/outbound/crl/create-crl-keeper.ts'
import { measureCpu } from './measure-cpu.ts'

/** performance.md "Goals", the line on lists. */
const GOAL = { loadSeconds: 5, memoryMegabytes: 200, heldMilliseconds: 20, checkMicroseconds: 5 } as const

const MEGABYTE = 1024 * 1024

/** A list of a million entries: loading beside a running event loop, and looking up. */
export async function run(): Promise<void> {
  const at = new Date()
  const now = (): Date => at
  const jpki = await createVirtualJpki({ seed: 'bench', now, cacheDirectory: '.sekisho/bench-keys' })
  const anchors = loadTrustAnchors({ ...jpki.anchors, trustVirtual: true })
  const issued = await jpki.issueAuthenticationCertificate({ label: 'bench' })
  const directory = await mkdtemp(join(tmpdir(), 'sekisho-bench-'))
  const path = join(directory, 'list.crl')
  const missed: string[] = []
  const line = (what: string, value: number, unit: string, goal: number): void => {
    if (value > goal) missed.push(what)
    console.log(`${what.padEnd(48)} ${value.toFixed(1).padStart(7)} ${unit}   goal: at most ${goal}`)
  }
  try {
    const der = await jpki.crl({ misbehaviour: 'huge' })
    await writeFile(path, der)
    console.log(`a list of 10^6 entries, ${(der.length / MEGABYTE).toFixed(1)} MB`)
    const place = { kind: 'file', path } as const
    const options = { name: 'bench', place, issuers: anchors.authentication, now, refreshMs: 3_600_000 }
    const keeper = await createCrlKeeper(options)

    const memoryBefore = process.memoryUsage().rss
    const most = { memory: memoryBefore, heldMicroseconds: 0 }
    let before = process.threadCpuUsage()
    const watching = setInterval(() => {
      most.memory = Math.max(most.memory, process.memoryUsage.rss())
      // CPU time of this thread from one turn of the loop to the next: other processes do not count
      const { user, system } = process.threadCpuUsage(before)
      before = process.threadCpuUsage()
      most.heldMicroseconds = Math.max(most.heldMicroseconds, user + system)
    }, 1)
    const start = performance.now()
    await keeper.refresh()
    const seconds = (performance.now() - start) / 1000
    await new Promise((resolve) => setTimeout(resolve, 20))
    clearInterval(watching)
    line('loaded, verified and indexed in', seconds, 's', GOAL.loadSeconds)
    line('memory taken, worker and list together', (most.memory - memoryBefore) / MEGABYTE, 'MB', GOAL.memoryMegabytes)
    line('event loop held at most', most.heldMicroseconds / 1000, 'ms', GOAL.heldMilliseconds)

    const certificate = parseCertificate(issued.certificateDer)
    const issuer = chooseIssuer(certificate, anchors.authentication, at.getTime())
    if (issuer === undefined) throw new Error('no issuer')
    const question = { certificate, issuer }
    const check = { name: 'check', act: () => keeper.source.check(question), repeat: 20_000 }
    const [figures] = await measureCpu([check], 11)
    line('a check', figures?.median ?? Number.NaN, 'µs', GOAL.checkMicroseconds)
    await keeper.close()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  if (missed.length > 0) process.exitCode = 1
}
