import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createVirtualJpki } from '@sekisho/virtual-jpki'
import { chooseIssuer } from '../../src/certificate/anchor/choose-issuer.ts'
import { loadTrustAnchors } from '../../src/certificate/anchor/load-trust-anchors.ts'
import { parseCertificate } from '../../src/certificate/x509/parse-certificate.ts'
import { createCrlKeeper } from '../../src/outbound/crl/create-crl-keeper.ts'
import type { Bench } from '../bench.ts'
import { measureCpu } from './measure-cpu.ts'

const MEGABYTE = 1024 * 1024

/** A list of a million entries: loading beside a running event loop, and looking up. */
export async function measureCrl(bench: Bench): Promise<void> {
  const at = new Date()
  const now = (): Date => at
  const jpki = await createVirtualJpki({ seed: 'bench', now, cacheDirectory: '.sekisho/bench-keys' })
  const anchors = loadTrustAnchors({ ...jpki.anchors, trustVirtual: true })
  const issued = await jpki.issueAuthenticationCertificate({ label: 'bench' })
  const directory = await mkdtemp(join(tmpdir(), 'sekisho-bench-'))
  const path = join(directory, 'list.crl')
  try {
    const der = await jpki.crl({ misbehaviour: 'huge' })
    await writeFile(path, der)
    bench.say(`a list of 10^6 entries, ${(der.length / MEGABYTE).toFixed(1)} MB`)
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
    bench.reach('crlLoad', seconds)
    bench.reach('crlMemory', (most.memory - memoryBefore) / MEGABYTE)
    bench.reach('crlHeld', most.heldMicroseconds / 1000)

    const certificate = parseCertificate(issued.certificateDer)
    const issuer = chooseIssuer(certificate, anchors.authentication, at.getTime())
    if (issuer === undefined) throw new Error('no issuer')
    const question = { certificate, issuer }
    const check = { name: 'check', act: () => keeper.source.check(question), repeat: 20_000 }
    const [figures] = await measureCpu([check], 11)
    bench.reach('crlCheck', figures?.median ?? Number.NaN)
    await keeper.close()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
