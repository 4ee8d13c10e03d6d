/**
 * The import rules of the house. test/house/import-rules.test.ts plants a violation of each and sees it caught.
 * They speak of any import: a type-only one too (tsPreCompilationDeps), since an interface borrowed from a framework
 * ties a concept to it just the same.
 */

/** The words of the business. Whatever they need from outside they declare beside the code that uses it. */
const CONCEPTS =
  '^src/(sign-in|certificate|subject|relying-party|signing-key|audit|administration|error-registry|sealing)/'
const EXAMPLES = '^examples/'
const PACKAGES = '^packages/'
/** Everything that runs, tests aside. */
const CODE = '^(src|packages/[^/]+/(?!test/)|examples/[^/]+/(?!test/))'

/** An npm package, or what DefinitelyTyped says of it. */
const npm = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`
/** A module of Node itself, with or without `node:`. */
const core = (...names) => `^(node:)?(${names.join('|')})(/|$)`

const EXPRESS = npm('express', 'helmet')
const OIDC_PROVIDER = npm('oidc-provider')
const DATABASES = npm('pg', 'pg-[^/]+', 'ioredis', '@electric-sql/[^/]+', 'node-pg-migrate')
const ASN1 = npm('pkijs', 'asn1js')
const X509_ISSUING = npm('@peculiar/x509')
const HTTP_CLIENTS = npm('undici', 'openid-client', 'axios', 'got', 'node-fetch', 'ws')
const SOCKETS = core('net', 'tls', 'http2', 'dgram', 'dns')
const HTTP = core('http', 'https')
const FILES_AND_PROCESSES = core('fs', 'child_process', 'cluster', 'os', 'process', 'readline', 'repl', 'vm', 'timers')

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'concept-imports-no-framework',
      comment:
        'Concept folders speak of cards, certificates and accounts, not of Express, PostgreSQL or Redis (design.md §3).',
      severity: 'error',
      from: { path: CONCEPTS },
      to: { path: [EXPRESS, OIDC_PROVIDER, DATABASES, HTTP_CLIENTS, npm('pino', 'prom-client', 'commander', 'ejs')] },
    },
    {
      name: 'concept-imports-no-network',
      comment: 'What a concept folder needs from a network it declares as an interface; main/ hands it in.',
      severity: 'error',
      from: { path: CONCEPTS },
      to: { path: [SOCKETS, HTTP] },
    },
    {
      name: 'concept-imports-no-files-or-processes',
      comment: 'No file, no process, no timer: time and the outside world are parameters.',
      severity: 'error',
      from: { path: CONCEPTS },
      to: { path: FILES_AND_PROCESSES },
    },
    {
      name: 'concept-imports-no-adapter',
      comment: 'Adapters know the concepts, never the other way round.',
      severity: 'error',
      from: { path: CONCEPTS },
      to: { path: '^src/(oidc|web|storage|outbound|config|observability|main)/' },
    },
    {
      name: 'asn1-only-in-certificate',
      comment:
        'pkijs and asn1js stay behind the one door of src/certificate; virtual-jpki issues with other code on purpose.',
      severity: 'error',
      from: { path: CODE, pathNot: '^src/certificate/' },
      to: { path: ASN1 },
    },
    {
      name: 'x509-issuing-only-in-virtual-jpki',
      comment: 'One wrong idea must not be on both sides: what issues our test certificates does not judge them.',
      severity: 'error',
      from: { path: CODE, pathNot: '^packages/virtual-jpki/' },
      to: { path: X509_ISSUING },
    },
    {
      name: 'oidc-provider-only-in-oidc',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/oidc/' },
      to: { path: OIDC_PROVIDER },
    },
    {
      name: 'express-only-in-web',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/web/' },
      to: { path: EXPRESS },
    },
    {
      name: 'metrics-only-in-observability',
      comment: 'Everything else counts through a small port (docs/adr/0007).',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/observability/' },
      to: { path: npm('prom-client') },
    },
    {
      name: 'databases-only-in-storage',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/storage/' },
      to: { path: DATABASES },
    },
    {
      name: 'http-clients-only-in-outbound',
      comment:
        'One folder opens sockets to others, behind one allow-list, deadline and size cap. The demo plays a browser.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(outbound/|main/demo)' },
      to: { path: HTTP_CLIENTS },
    },
    {
      name: 'sockets-only-in-outbound',
      comment:
        'main/ may bind ports. Whoever has an HTTP server may import node:http; eslint bans its client half there.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(outbound|main)/' },
      to: { path: SOCKETS },
    },
    {
      name: 'http-only-where-served',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(outbound|web|oidc|main)/' },
      to: { path: HTTP },
    },
    {
      name: 'src-imports-only-protocol-of-packages',
      comment: 'Server and agent share the wire format and nothing else. The demo composes everything.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main/demo' },
      to: { path: PACKAGES, pathNot: '^packages/protocol/' },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main/ holds composition roots: it wires, and is wired by nobody.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main/' },
      to: { path: '^src/main/' },
    },
    {
      name: 'src-imports-no-test-or-tool',
      severity: 'error',
      from: { path: CODE },
      to: { path: ['^(test|bench|faults|scripts)/', '(^|/)test/'], pathNot: '(^|/)node_modules/' },
    },
    {
      name: 'packages-import-no-src',
      comment: 'virtual-jpki and the agent are a second opinion only as long as they share no code with the server.',
      severity: 'error',
      from: { path: PACKAGES },
      to: { path: '^src/' },
    },
    {
      name: 'agent-imports-no-virtual-parts',
      comment: 'The agent that people install has no card in software. Its tests may have one.',
      severity: 'error',
      from: { path: '^packages/(agent|protocol|sign-in-button)/(?!test/)' },
      to: { path: '^packages/virtual-' },
    },
    {
      name: 'protocol-imports-no-package',
      severity: 'error',
      from: { path: '^packages/protocol/(?!test/)' },
      to: { path: PACKAGES, pathNot: '^packages/protocol/' },
    },
    {
      name: 'examples-import-neither-src-nor-packages',
      comment: 'An example is what a stranger would write: it has nothing of ours but the protocol on the wire.',
      severity: 'error',
      from: { path: EXAMPLES },
      to: { path: ['^src/', PACKAGES] },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: { path: '^(src|packages|examples)/' },
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependency',
      comment:
        'What runs must be there after `npm ci --omit=dev`. A type-only import leaves nothing behind at run time.',
      severity: 'error',
      from: { path: CODE },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-undeclared',
      comment: 'An npm package must stand in the nearest package.json, not merely happen to be installed.',
      severity: 'error',
      from: { path: CODE },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    // our own build output; `dist` inside an npm package stays visible, or no rule about that package would bite
    exclude: { path: ['^(dist|coverage|\\.sekisho|\\.test)/', '^(packages|examples)/[^/]+/(dist|coverage)/'] },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    exoticRequireStrings: ['createRequire'],
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
