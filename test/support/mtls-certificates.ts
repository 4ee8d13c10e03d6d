import { execFileSync } from 'node:child_process'

/**
 * Two authorities by the openssl command: `ca.pem` vouches for `server.pem` (127.0.0.1) and `client.pem` (CN sekisho), `other-ca.pem` for
 * `stranger.pem`, which calls itself the same. Each with its `.key`.
 */
export function makeMtlsCertificates(directory: string): void {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const make = (name: string, subject: string, ...how: readonly string[]): void => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`]
    openssl('req', '-x509', ...key, '-out', `${name}.pem`, '-subj', subject, '-days', '2', ...how)
  }
  const by = (authority: string) => ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`]
  make('ca', '/CN=test authority')
  make('other-ca', '/CN=test authority')
  make('server', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', ...by('ca'))
  make('client', '/CN=sekisho', '-addext', 'extendedKeyUsage=clientAuth', ...by('ca'))
  make('stranger', '/CN=sekisho', '-addext', 'extendedKeyUsage=clientAuth', ...by('other-ca'))
}
