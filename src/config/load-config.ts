import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkTogether, describeLinkage, describeSources } from './combine-settings.ts'
import { ConfigError } from './config-error.ts'
import type { Config } from './config.ts'
import { freezeDeep } from './freeze-deep.ts'
import { GENERATED_SECRETS, loadDevelopmentSecrets } from './development-secrets.ts'
import { readSettings, type Environment } from './read-settings.ts'
import { Secret } from './secret.ts'
import type { SettingName, SettingValues } from './settings.ts'

const OWN_TRUST_ANCHORS = fileURLToPath(new URL('../../trust/jpki', import.meta.url))
const DEFAULT_DATA_DIRECTORY = '.sekisho'
/** Balancers look every second or two, and want to be told no a few times. */
const PRODUCTION_DRAIN_SECONDS = 5

/**
 * From the environment to the configuration. In development missing secrets are made once and kept in the data directory.
 *
 * @param env `process.env`, or a part of it: keys of docs/config.md
 * @returns frozen; secrets show themselves only through `reveal()`
 * @throws ConfigError with every fault at once: key and fault, never a value
 */
export function loadConfig(env: Environment): Config {
  const { values, faults } = readSettings(env)
  const isSet = (name: SettingName): boolean =>
    values[name] !== undefined || faults.some(({ key }) => key === name || key === `${name}_FILE`)
  faults.push(...checkTogether(values, isSet))

  const isProduction = values.NODE_ENV === 'production'
  const missing = GENERATED_SECRETS.filter((name) => !isSet(name))
  if (isProduction) faults.push(...missing.map((key) => ({ key, fault: 'must be set in production' })))
  if (faults.length > 0) throw new ConfigError(faults)
  if (missing.length === 0) return combine(values)

  const dataDirectory = resolve(values.DATA_DIR ?? DEFAULT_DATA_DIRECTORY)
  const secrets = readSettings(developmentSecrets(dataDirectory)).values
  return combine({ ...values, ...Object.fromEntries(missing.map((name) => [name, secrets[name]])) })
}

function developmentSecrets(dataDirectory: string): Environment {
  try {
    return loadDevelopmentSecrets(dataDirectory)
  } catch (fault) {
    throw new ConfigError([{ key: 'DATA_DIR', fault: fault instanceof Error ? fault.message : String(fault) }])
  }
}

function combine(values: SettingValues): Config {
  const port = present(values, 'PORT')
  const [pepper, ...olderPeppers] = present(values, 'HANDLE_PEPPER')
  if (pepper === undefined) throw new ConfigError([{ key: 'HANDLE_PEPPER', fault: 'must hold a key' }])
  const [keyEncryptionKey, ...olderKeyEncryptionKeys] = present(values, 'KEY_ENCRYPTION_KEY')
  if (keyEncryptionKey === undefined) throw new ConfigError([{ key: 'KEY_ENCRYPTION_KEY', fault: 'must hold a key' }])
  return freezeDeep({
    isProduction: values.NODE_ENV === 'production',
    issuer: values.ISSUER ?? `http://localhost:${port}`,
    host: present(values, 'HOST'),
    port,
    trustProxy: present(values, 'TRUST_PROXY'),
    workers: present(values, 'WEB_CONCURRENCY'),
    stopping: {
      drainMs: 1000 * (values.DRAIN_SECONDS ?? (values.NODE_ENV === 'production' ? PRODUCTION_DRAIN_SECONDS : 0)),
      graceMs: 1000 * present(values, 'STOP_SECONDS'),
    },
    metrics:
      values.METRICS_PORT === undefined
        ? undefined
        : { host: present(values, 'METRICS_HOST'), port: values.METRICS_PORT },
    admin:
      values.ADMIN_ORIGIN === undefined
        ? undefined
        : { origin: values.ADMIN_ORIGIN, host: present(values, 'ADMIN_HOST'), port: present(values, 'ADMIN_PORT') },
    database:
      values.DATABASE_URL === undefined
        ? { dataDirectory: resolve(values.DATA_DIR ?? DEFAULT_DATA_DIRECTORY) }
        : {
            databaseUrl: new Secret(values.DATABASE_URL),
            maxConnections: present(values, 'DATABASE_MAX_CONNECTIONS'),
            standbys: present(values, 'DATABASE_STANDBYS'),
            migratesAtStart: present(values, 'MIGRATE_AT_START'),
          },
    redis: values.REDIS_URL && {
      url: new Secret(values.REDIS_URL),
      tlsCa: values.REDIS_TLS_CA,
      sentinelPassword:
        values.REDIS_SENTINEL_PASSWORD === undefined ? undefined : new Secret(values.REDIS_SENTINEL_PASSWORD),
    },
    cookieKeys: new Secret(present(values, 'COOKIE_KEYS')),
    handlePeppers: new Secret([pepper, ...olderPeppers] as const),
    keyEncryptionKeys: new Secret([keyEncryptionKey, ...olderKeyEncryptionKeys] as const),
    signingKeys: {
      rotateEveryDays: present(values, 'SIGNING_KEY_DAYS'),
      publishAheadDays: present(values, 'SIGNING_KEY_PUBLISH_AHEAD_DAYS'),
    },
    trustAnchorsDirectory: resolve(values.TRUST_ANCHORS_DIR ?? OWN_TRUST_ANCHORS),
    unsafeTrustVirtualJpki: present(values, 'UNSAFE_TRUST_VIRTUAL_JPKI'),
    revocationSources: describeSources(values),
    phonePolicies: values.PHONE_POLICIES ?? [],
    linkage: describeLinkage(values),
    unknownCards: present(values, 'UNKNOWN_CARDS'),
    intranetHosts: values.OUTBOUND_INTRANET_HOSTS ?? [],
    clientIntranetHosts: values.CLIENT_INTRANET_HOSTS ?? [],
    auditKeepDays: values.AUDIT_KEEP_DAYS,
    clientRegistration: present(values, 'CLIENT_REGISTRATION'),
    approvals: {
      acts: present(values, 'ADMIN_APPROVALS'),
      limitMs: 3_600_000 * present(values, 'ADMIN_APPROVAL_HOURS'),
    },
    sessionSeconds: present(values, 'SESSION_SECONDS'),
    rateLimits: {
      perAddressAndMinute: present(values, 'REQUESTS_PER_MINUTE'),
      perCeremonyAndMinute: present(values, 'TICKET_REQUESTS_PER_MINUTE'),
      perClientAndMinute: present(values, 'CLIENT_TICKETS_PER_MINUTE'),
      perCardAndHour: present(values, 'CARD_SIGN_INS_PER_HOUR'),
    },
    agentDownloadsDirectory: values.AGENT_DOWNLOADS_DIR === undefined ? undefined : resolve(values.AGENT_DOWNLOADS_DIR),
    defaultLocale: present(values, 'DEFAULT_LOCALE'),
    logLevel: present(values, 'LOG_LEVEL'),
  })
}

/** Keys with a text to stand in always have a value, and so do the others once the checks have passed. */
function present<Name extends SettingName>(values: SettingValues, name: Name): NonNullable<SettingValues[Name]> {
  const value = values[name]
  if (value === undefined) throw new ConfigError([{ key: name, fault: 'must be set' }])
  return value
}
