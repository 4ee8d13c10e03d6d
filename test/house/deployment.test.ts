import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { createTempDirectory } from '../support/temp-directory.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const directory = createTempDirectory('deployment')
afterAll(() => directory.remove())

/** A name of docs/config.md, or of the file that holds its value. */
const isSetting = (name: string): boolean => {
  const settings: Readonly<Record<string, { readonly secret?: true }>> = SETTINGS
  return name in settings || (name.endsWith('_FILE') && settings[name.slice(0, -'_FILE'.length)]?.secret === true)
}

const SECRETS: Readonly<Record<string, string>> = {
  COOKIE_KEYS: 'c'.repeat(43),
  HANDLE_PEPPER: `1:${Buffer.alloc(32, 1).toString('base64')}`,
  KEY_ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64'),
  DATABASE_URL: 'postgres://sekisho:password@postgres:5432/sekisho',
  REDIS_URL: 'redis://:password@redis:6379',
}

/** The same with secrets that are some, in the files that are named. */
function filledIn(environment: Readonly<Record<string, string>>): Record<string, string> {
  const secretFile = (name: string): string => {
    const file = join(directory.path, name)
    writeFileSync(file, SECRETS[name] ?? 'secret')
    return file
  }
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      name.endsWith('_FILE')
        ? secretFile(name.slice(0, -5))
        : value.includes('CHANGE_ME')
          ? (SECRETS[name] ?? value)
          : value,
    ]),
  )
}

interface Service {
  readonly image?: string
  readonly build?: unknown
  readonly environment?: Record<string, string>
  readonly profiles?: readonly string[]
  readonly read_only?: boolean
  readonly user?: string
  readonly cap_drop?: readonly string[]
  readonly secrets?: readonly string[]
  readonly volumes?: readonly string[]
  readonly stop_grace_period?: string
  readonly networks?: readonly string[]
  readonly ports?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

/** As compose reads it: anchors, merges, then `${NAME:-default}` in every text, of an environment where only these are set. */
function readCompose(environment: Readonly<Record<string, string>> = {}): Compose {
  const interpolate = (text: string): string =>
    text.replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_all, name: string, fallback: string) => environment[name] ?? fallback)
  return JSON.parse(
    JSON.stringify(parse(read('docker-compose.yml'), { merge: true }), (_key, value: unknown) =>
      typeof value === 'string' ? interpolate(value) : value,
    ),
  ) as Compose
}

describe('docker-compose.yml', () => {
  test('is what the schema of the Compose specification allows', () => {
    // its draft and its ids are written as nobody writes them any more
    const schema = JSON.parse(read('test/fixtures/deployment/compose_spec.json'), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ) as Record<string, unknown>
    const ajv = new Ajv2019({ allErrors: true, strict: false, allowUnionTypes: true })
    const duration = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/
    ajv.addFormat('duration', duration)
    ajv.addFormat('ports', /^[\w.:[\]${}-]+(?:\/(?:tcp|udp))?$/)
    ajv.addFormat('expose', /^\d+(?:-\d+)?(?:\/\w+)?$/)
    ajv.addFormat('subnet_ip_address', true)
    const validate = ajv.compile(schema)
    validate(readCompose())
    expect(validate.errors ?? []).toEqual([])
    // the schema is one that refuses
    expect(validate({ services: { app: { imagee: 'x' } } })).toBe(false)
  })

  test('two instances, PostgreSQL, Redis and a proxy with TLS start by themselves; the demonstration only when asked for', () => {
    const { services } = readCompose()
    expect(Object.keys(services).toSorted()).toEqual([
      'app-1',
      'app-2',
      'demo',
      'migrate',
      'postgres',
      'proxy',
      'redis',
    ])
    expect(
      Object.entries(services).flatMap(([name, { profiles }]) => (profiles === undefined ? [] : [name, profiles])),
    ).toEqual(['demo', ['dev']])
  })

  test.each(['app-1', 'app-2', 'migrate'])('%s has a configuration that production accepts', (name) => {
    const environment =
      readCompose({ OCSP_URL: 'http://ocsp.example/', ISSUER: 'https://id.example.jp' }).services[name]?.environment ??
      {}
    expect(Object.keys(environment).filter((key) => !isSetting(key))).toEqual([])
    const config = loadConfig(filledIn(environment))
    expect(config).toMatchObject({ isProduction: true, issuer: 'https://id.example.jp' })
    expect(config.database).toMatchObject({ migratesAtStart: false })
  })

  test('nothing runs as root but what says why, nothing has a tag that moves, and no password is in the file', () => {
    const { services, secrets } = readCompose()
    for (const [name, { image = '', cap_drop, read_only, user }] of Object.entries(services)) {
      expect(image, name).toMatch(/^[\w./-]+:(?!latest$)[\w.-]+$/)
      // PostgreSQL's own image begins as root and gives it up
      if (name === 'postgres') continue
      expect({ cap_drop, read_only }, name).toEqual({ cap_drop: ['ALL'], read_only: true })
      if (name.startsWith('app')) expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    }
    for (const { file } of Object.values(secrets)) expect(file).toMatch(/^\.\/deploy\/secrets\/\w+$/)
    expect(read('.gitignore')).toMatch(/^deploy\/secrets\/$/m)
    expect(read('docker-compose.yml')).not.toMatch(/PASSWORD: |password@/)
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined)
    expect(published.map(([name]) => name)).toEqual(['proxy'])
  })

  test('what is mounted and built is here, and the proxy asks the instances that there are', () => {
    const { services } = readCompose()
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.filter((volume) => volume.startsWith('./')),
    )
    expect(mounted.filter((volume) => !existsSync(join(ROOT, volume.split(':')[0] ?? '')))).toEqual([])
    const asked = [...read('deploy/proxy/nginx.conf').matchAll(/^\s+server ([\w-]+):(\d+) /gm)]
    expect(asked.map(([, name, port]) => [name, port])).toEqual([
      ['app-1', services['app-1']?.environment?.['PORT']],
      ['app-2', services['app-2']?.environment?.['PORT']],
    ])
    const certificates = [...read('deploy/proxy/nginx.conf').matchAll(/\/run\/secrets\/(\w+);/g)].map(
      ([, name]) => name,
    )
    expect(services['proxy']?.secrets).toEqual(certificates)
  })

  test('deploy/make-secrets.sh makes every file that is named, and changes none that is there', () => {
    const secrets = `secrets-${process.pid}`
    mkdirSync(join(directory.path, 'deploy'))
    writeFileSync(join(directory.path, 'deploy', 'make-secrets.sh'), read('deploy/make-secrets.sh'), { mode: 0o755 })
    const run = (): string =>
      execFileSync(join(directory.path, 'deploy', 'make-secrets.sh'), ['id.example.jp'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], SECRETS_DIRECTORY: secrets },
      }).trim()
    const made = run()
    const named = Object.values(readCompose().secrets).map(({ file }) => file.split('/').at(-1) ?? '')
    const contents = named.map((name) => readFileSync(join(made, name), 'utf8'))
    expect(contents.every((text) => text.length > 30)).toBe(true)
    expect(() =>
      loadConfig({
        NODE_ENV: 'production',
        ISSUER: 'https://id.example.jp',
        TRUST_PROXY: '1',
        REVOCATION_SOURCES: 'none',
        ...Object.fromEntries(
          ['DATABASE_URL', 'REDIS_URL', 'COOKIE_KEYS', 'HANDLE_PEPPER', 'KEY_ENCRYPTION_KEY'].map((name) => [
            `${name}_FILE`,
            join(made, name.toLowerCase()),
          ]),
        ),
      }),
    ).not.toThrow()
    run()
    expect(named.map((name) => readFileSync(join(made, name), 'utf8'))).toEqual(contents)
  })
})

describe('Dockerfile', () => {
  const text = read('Dockerfile')
  const provider = text.slice(text.indexOf('AS provider'), text.indexOf('AS demo'))

  test('runs the Node that the tests run on, as nobody, with nothing for developers', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: { node: string } }
    expect(text).toContain(`ARG NODE_IMAGE=node:${dependencies.node}-bookworm-slim`)
    expect(provider).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(provider).toMatch(/^HEALTHCHECK /m)
    expect(text).toMatch(/npm ci --omit=dev --ignore-scripts/)
    expect(provider).not.toMatch(/packages\/(?!protocol)|examples|test/)
  })

  test('copies what is there, and what .dockerignore lets through', () => {
    const copied = [...provider.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '))
    expect(copied.length).toBeGreaterThan(8)
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    expect(copied.filter((path) => !allowed.includes(path.split('/')[0] ?? ''))).toEqual([])
    expect(read('.dockerignore')).toMatch(/^\*$/m)
  })
})

describe('.env.example', () => {
  const lines = [...read('.env.example').matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)]
  const set = Object.fromEntries(
    lines.filter(([, off]) => off === '').map(([, , name = '', value = '']) => [name, value]),
  )

  test('every key is one that there is', () => {
    expect(lines.length).toBeGreaterThan(12)
    expect(lines.map(([, , name = '']) => name).filter((name) => !isSetting(name))).toEqual([])
  })

  test('what production cannot do without is in it, and filled in it is enough', () => {
    let faults: readonly string[] = []
    try {
      loadConfig({ NODE_ENV: 'production' })
    } catch (fault) {
      if (fault instanceof ConfigError) faults = fault.faults.map(({ key }) => key)
    }
    expect(faults.length).toBeGreaterThan(4)
    expect(faults.filter((key) => !Object.hasOwn(set, key))).toEqual([])
    expect(loadConfig(filledIn(set))).toMatchObject({ isProduction: true })
  })
})

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly data?: Record<string, string>
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly terminationGracePeriodSeconds?: number
        readonly securityContext: object
        readonly containers: readonly Record<string, unknown>[]
      }
    }
  }
}

/** What the schema of its kind says against a manifest, or nothing. */
async function faultOfManifest(manifest: Manifest): Promise<string | undefined> {
  const kinds = (await import(`kubernetes-models/${manifest.apiVersion}`)) as Readonly<
    Record<string, new (manifest: Manifest) => { validate(): void }>
  >
  const Kind = kinds[manifest.kind]
  if (Kind === undefined) return `${manifest.kind}: ${manifest.apiVersion} does not know it`
  try {
    new Kind(manifest).validate()
    return undefined
  } catch (fault) {
    return `${manifest.kind}: ${String(fault)}`
  }
}

describe('deploy/kubernetes', () => {
  const manifests = parseAllDocuments(read('deploy/kubernetes/sekisho.yaml').replaceAll(/^---$/gm, '---'), {
    merge: true,
  })
  // anchors end with their document in YAML; the file uses them across, as one stream
  const text = read('deploy/kubernetes/sekisho.yaml')

  test('every document can be read by itself', () => {
    expect(manifests.length).toBe(8)
    expect(manifests.flatMap(({ errors }) => errors.map(String))).toEqual([])
    expect(manifests.map((one) => (one.toJS() as Manifest).kind)).toEqual([
      'Namespace',
      'ConfigMap',
      'Job',
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'Ingress',
      'NetworkPolicy',
    ])
  })

  test('each is what the API of its kind takes, by the published schema', async () => {
    const faults = await Promise.all(manifests.map((one) => faultOfManifest(one.toJS() as Manifest)))
    expect(faults.filter((fault) => fault !== undefined)).toEqual([])
  })

  test.each([
    ['a Deployment without a selector', (one: Manifest) => ({ ...one, spec: { ...one.spec, selector: undefined } })],
    ['a replica count in words', (one: Manifest) => ({ ...one, spec: { ...one.spec, replicas: 'two' } })],
    ['a template that is a list', (one: Manifest) => ({ ...one, spec: { ...one.spec, template: [] } })],
  ])('the schema refuses %s', async (_what, spoil) => {
    expect(await faultOfManifest(spoil(manifests[3]?.toJS() as Manifest) as Manifest)).toMatch(/^Deployment: /)
  })

  test('the configuration is one that production accepts', () => {
    const { data = {} } = manifests[1]?.toJS() as Manifest
    expect(Object.keys(data).filter((key) => !isSetting(key))).toEqual([])
    const config = loadConfig(filledIn(data))
    expect(config.isProduction).toBe(true)
    const deployment = (manifests[3]?.toJS() as Manifest).spec?.template?.spec
    expect(1000 * (deployment?.terminationGracePeriodSeconds ?? 0)).toBeGreaterThan(
      config.stopping.drainMs + config.stopping.graceMs,
    )
  })

  test('every container is nobody, on a root that it cannot write', () => {
    for (const manifest of [manifests[2], manifests[3]]) {
      const { containers = [], securityContext } = (manifest?.toJS() as Manifest).spec?.template?.spec ?? {}
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      for (const { securityContext: own, image } of containers) {
        expect(own).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(image).not.toMatch(/:latest$/)
      }
    }
    expect(text).toContain('path: /health/ready')
  })
})

describe('deploy/systemd', () => {
  test('systemd understands every unit, and finds them hardened', () => {
    const units = globSync('deploy/systemd/*', { cwd: ROOT }).map((path) => {
      const file = join(directory.path, path.split('/').at(-1) ?? '')
      writeFileSync(file, read(path).replaceAll('/opt/sekisho', ROOT.replace(/\/$/, '')))
      return file
    })
    expect(units).toHaveLength(3)
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' })
    expect(verified.stdout + verified.stderr).toBe('')
    expect(verified.status).toBe(0)
    for (const unit of units.filter((file) => file.endsWith('.service'))) {
      const { status, stdout } = spawnSync(
        'systemd-analyze',
        ['security', '--offline=true', '--threshold=20', '--no-pager', unit],
        {
          encoding: 'utf8',
        },
      )
      expect(status, stdout.slice(-300)).toBe(0)
    }
  })
})

describe('deploy/observability', () => {
  const alerts = [...read('deploy/observability/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)

  test('every alert says in docs/watching.md what it means, and no page names one that there is not', () => {
    expect(alerts.length).toBeGreaterThan(10)
    const explained = read('docs/watching.md')
    expect(alerts.filter((name) => !explained.includes(name))).toEqual([])
    const named = [...`${explained}${read('docs/operations.md')}`.matchAll(/\bSekisho[A-Z]\w+/g)].map(([name]) => name)
    expect(named.filter((name) => !alerts.includes(name))).toEqual([])
  })
})
