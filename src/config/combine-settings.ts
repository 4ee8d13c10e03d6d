import type { LinkageConfig, OperatorCredentials, RevocationSourceConfig } from './config.ts'
import type { ConfigFault } from './config-error.ts'
import { Secret } from './secret.ts'
import type { SettingName, SettingValues } from './settings.ts'

/** The rules between keys: what must be there together, what must not, and what production insists on. */
export function checkTogether(values: SettingValues, isSet: (name: SettingName) => boolean): ConfigFault[] {
  const isProduction = values.NODE_ENV === 'production'
  const sources = values.REVOCATION_SOURCES ?? []
  const needs = (condition: boolean, key: string, fault: string): ConfigFault[] => (condition ? [{ key, fault }] : [])
  const pair = (first: SettingName, second: SettingName): ConfigFault[] =>
    needs(
      isSet(first) !== isSet(second),
      isSet(first) ? second : first,
      `must be set together with ${isSet(first) ? first : second}`,
    )

  return [
    ...needs(isProduction && !isSet('ISSUER'), 'ISSUER', 'must be set in production'),
    ...needs(isProduction && values.ISSUER?.startsWith('http:') === true, 'ISSUER', 'must be https: in production'),
    ...needs(
      values.ISSUER?.startsWith('https:') === true && values.TRUST_PROXY?.kind === 'nobody',
      'TRUST_PROXY',
      'must say what ends TLS, since ISSUER is https: and this server speaks plain HTTP. A proxy in front: 1, or its network ' +
        '(10.0.0.0/8), and let it set X-Forwarded-For and X-Forwarded-Proto. A balancer that adds no headers: tls-only. ' +
        'Without TLS in front, browsers keep no cookie and no sign-in comes to an end',
    ),
    ...needs(
      (values.WEB_CONCURRENCY ?? 1) > 1 && !isSet('DATABASE_URL'),
      'WEB_CONCURRENCY',
      'must be 1 with the embedded database, which belongs to one process: set DATABASE_URL for more',
    ),
    ...needs(
      values.METRICS_PORT !== undefined && values.METRICS_PORT === values.PORT,
      'METRICS_PORT',
      'must be another port than PORT',
    ),
    // a page of the issuer's could do everything to the console that a page of the console can
    ...needs(
      values.ADMIN_ORIGIN !== undefined &&
        values.ADMIN_ORIGIN === (values.ISSUER ?? `http://localhost:${values.PORT ?? ''}`),
      'ADMIN_ORIGIN',
      'must be another origin than ISSUER',
    ),
    ...needs(
      values.ADMIN_ORIGIN !== undefined && [values.PORT, values.METRICS_PORT].includes(values.ADMIN_PORT),
      'ADMIN_PORT',
      'must be another port than PORT and METRICS_PORT',
    ),
    ...needs(isSet('DATABASE_URL') && isSet('DATA_DIR'), 'DATA_DIR', 'is set together with DATABASE_URL: choose one'),
    ...needs(
      isProduction && !isSet('DATABASE_URL') && !isSet('DATA_DIR'),
      'DATABASE_URL',
      'must be set in production (or DATA_DIR)',
    ),
    ...needs(
      isSet('REDIS_TLS_CA') && values.REDIS_URL?.isEncrypted === false,
      'REDIS_URL',
      'must be rediss with REDIS_TLS_CA',
    ),
    ...needs(isSet('REDIS_TLS_CA') && !isSet('REDIS_URL'), 'REDIS_URL', 'must be set together with REDIS_TLS_CA'),
    ...needs(
      isSet('REDIS_SENTINEL_PASSWORD') && values.REDIS_URL?.kind !== 'sentinel',
      'REDIS_URL',
      'must name sentinels with REDIS_SENTINEL_PASSWORD',
    ),
    ...needs(
      (values.SIGNING_KEY_PUBLISH_AHEAD_DAYS ?? 0) >= (values.SIGNING_KEY_DAYS ?? Number.POSITIVE_INFINITY),
      'SIGNING_KEY_PUBLISH_AHEAD_DAYS',
      'must be less than SIGNING_KEY_DAYS',
    ),
    ...needs(!isSet('REVOCATION_SOURCES'), 'REVOCATION_SOURCES', 'must be set: name a source, or say `none`'),
    ...needs(sources.includes('none') && sources.length > 1, 'REVOCATION_SOURCES', 'none stands alone'),
    ...needs(sources.includes('ocsp') && !isSet('OCSP_URL'), 'OCSP_URL', 'must be set for ocsp'),
    ...needs(
      sources.includes('crl') && isSet('CRL_PATH') === isSet('CRL_URL'),
      'CRL_PATH',
      'for crl, set either this or CRL_URL',
    ),
    ...needs(sources.includes('operator') && !isSet('OPERATOR_URL'), 'OPERATOR_URL', 'must be set for operator'),
    ...pair('OPERATOR_TOKEN_URL', 'OPERATOR_CLIENT_ID'),
    ...pair('OPERATOR_TOKEN_URL', 'OPERATOR_CLIENT_SECRET'),
    ...pair('OPERATOR_TLS_CERTIFICATE', 'OPERATOR_TLS_KEY'),
    ...needs(
      values.LINKAGE_SOURCE === 'operator' && !isSet('LINKAGE_URL'),
      'LINKAGE_URL',
      'must be set for LINKAGE_SOURCE operator',
    ),
    ...needs(
      values.LINKAGE_SOURCE === 'none' && isSet('LINKAGE_URL'),
      'LINKAGE_SOURCE',
      'is none although LINKAGE_URL is set',
    ),
    ...pair('LINKAGE_TOKEN_URL', 'LINKAGE_CLIENT_ID'),
    ...pair('LINKAGE_TOKEN_URL', 'LINKAGE_CLIENT_SECRET'),
    ...pair('LINKAGE_TLS_CERTIFICATE', 'LINKAGE_TLS_KEY'),
  ]
}

/** After `checkTogether` found nothing. */
export function describeSources(values: SettingValues): RevocationSourceConfig[] {
  return (values.REVOCATION_SOURCES ?? []).map((kind): RevocationSourceConfig => {
    switch (kind) {
      case 'ocsp':
        return { kind, url: values.OCSP_URL ?? '', nonce: values.OCSP_NONCE ?? 'required' }
      case 'crl':
        return values.CRL_PATH === undefined ? { kind, url: values.CRL_URL ?? '' } : { kind, path: values.CRL_PATH }
      case 'operator':
        return { kind, url: values.OPERATOR_URL ?? '', ...credentialsOf(values, 'OPERATOR') }
      case 'none':
        return { kind }
    }
  })
}

/** After `checkTogether` found nothing. */
export function describeLinkage(values: SettingValues): LinkageConfig {
  const { LINKAGE_SOURCE: kind = 'none', LINKAGE_URL: url = '', LINKAGE_STYLE: style = 'previous' } = values
  return kind === 'none' ? { kind } : { kind, url, style, ...credentialsOf(values, 'LINKAGE') }
}

function credentialsOf(values: SettingValues, service: 'OPERATOR' | 'LINKAGE'): OperatorCredentials {
  const tokenUrl = values[`${service}_TOKEN_URL`]
  const clientId = values[`${service}_CLIENT_ID`]
  const clientSecret = values[`${service}_CLIENT_SECRET`]
  const certificate = values[`${service}_TLS_CERTIFICATE`]
  const key = values[`${service}_TLS_KEY`]
  return {
    oauth:
      tokenUrl === undefined || clientId === undefined || clientSecret === undefined
        ? undefined
        : { tokenUrl, clientId, clientSecret: new Secret(clientSecret) },
    tls: certificate === undefined || key === undefined ? undefined : { certificate, key: new Secret(key) },
  }
}
