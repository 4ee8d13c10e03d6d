import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls'
import type { VirtualJpki } from '@sekisho/virtual-jpki'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CertificateIdentity } from '../../../src/certificate/judgement.ts'
import { Secret } from '../../../src/config/secret.ts'
import { openLinkage } from '../../../src/main/open-linkage.ts'
import type { LinkageService } from '../../../src/subject/linkage-service.ts'
import { anchorsOf, judgeResponse, openJpki } from '../../support/certificate/court.ts'
import { createMigratedDatabase, DATABASES, type TestDatabase } from '../../support/databases.ts'
import { makeMtlsCertificates } from '../../support/mtls-certificates.ts'
import { accepted, countSubjectRows, createSubjectWorld } from '../../support/subject-world.ts'
import { createTempDirectory, type TempDirectory } from '../../support/temp-directory.ts'

const [postgres] = DATABASES
let jpki: VirtualJpki
let directory: TempDirectory
let operator: Server
let made: TestDatabase
/** Questions that came through, with whose certificate. */
let asked: string[] = []
const pem = (name: string): string => readFileSync(join(directory.path, name), 'utf8')
const usual = getCACertificates('default')

beforeAll(async () => {
  jpki = await openJpki()
  made = await createMigratedDatabase(postgres.createDatabase)
  directory = createTempDirectory('linkage-mtls')
  makeMtlsCertificates(directory.path)
  const tls = { cert: pem('server.pem'), key: pem('server.key'), ca: pem('ca.pem') }
  operator = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    void (async () => {
      const { socket } = request
      asked.push(socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : 'nobody')
      const style = request.url === '/linkage/person' ? 'person' : 'previous'
      const { status, headers, body } = jpki.answerLinkage(style, await buffer(request))
      response.writeHead(status, headers).end(body)
    })()
  })
  await new Promise<void>((resolve) => operator.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  setDefaultCACertificates(usual)
  operator.closeAllConnections()
  operator.close()
  await made.remove()
  await directory.remove()
})
beforeEach(() => {
  asked = []
  // as NODE_EXTRA_CA_CERTS does it for an operator with an authority of its own (docs/linkage-operator.md)
  setDefaultCACertificates([...usual, pem('ca.pem')])
})

async function identityOf(persona: string): Promise<CertificateIdentity> {
  const anchors = anchorsOf(jpki)
  const { authentication } = await jpki.card(persona)
  const judgement = await judgeResponse(authentication, { anchors })
  if (judgement.verdict === 'refused') throw new Error(judgement.code)
  return judgement.identity
}

/** The resolver as the provider wires it, with the operator at the end of a real TLS connection. */
function openWorld(certificate: string | undefined, style: 'previous' | 'person' = 'previous') {
  const url = `https://127.0.0.1:${(operator.address() as AddressInfo).port}/linkage`
  const tls =
    certificate === undefined
      ? undefined
      : { certificate: pem(`${certificate}.pem`), key: new Secret(pem(`${certificate}.key`)) }
  const linkage = openLinkage({
    config: { kind: 'operator', url, style, oauth: undefined, tls },
    intranetHosts: ['127.0.0.1'],
    anchors: anchorsOf(jpki).authentication,
    now: () => jpki.clock.now(),
    gauges: {
      measureLinkage: (service: LinkageService) => service,
      breaker: () => undefined,
    } as unknown as Parameters<typeof openLinkage>[0]['gauges'],
  })
  return { world: createSubjectWorld(made.database, { linkage: linkage.service }), close: () => linkage.close() }
}

describe('a linkage operator that demands a client certificate', () => {
  test.each([
    ['no certificate', undefined],
    ['a stranger’s certificate with the same name', 'stranger'],
  ])('%s: nobody answers, and nobody is taken for new', async (_what, certificate) => {
    const before = await countSubjectRows(made.database)
    const { world, close } = openWorld(certificate)
    expect(await world.resolve(await identityOf('taro-renewed'))).toEqual({
      outcome: 'refused',
      code: 'LINK_SERVICE_UNAVAILABLE',
    })
    await close()
    expect(asked).toEqual([])
    expect(await countSubjectRows(made.database)).toEqual(before)
  })

  test('an operator whose authority we do not trust is told nothing', async () => {
    setDefaultCACertificates(usual)
    const { world, close } = openWorld('client')
    expect(await world.resolve(await identityOf('taro-renewed'))).toMatchObject({ code: 'LINK_SERVICE_UNAVAILABLE' })
    await close()
    expect(asked).toEqual([])
  })

  test.each([
    ['previous', 'taro', 'taro-renewed'],
    ['person', 'hanako', 'lost-and-reissued'],
  ] as const)('with ours it answers: a renewed card keeps its account (%s)', async (style, old, renewed) => {
    const { world, close } = openWorld('client', style)
    const before = await accepted(world.resolve(await identityOf(old)))
    const after = await accepted(world.resolve(await identityOf(renewed)))
    expect(after).toMatchObject({ outcome: 'known', accountId: before.accountId })
    expect(asked).toEqual(['sekisho', 'sekisho'])
    await close()
  })
})
