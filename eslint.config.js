import eslint from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** The words of the business (design.md §3): time, randomness, identifiers and the outside world are parameters there. */
const CONCEPTS = [
  'sign-in',
  'certificate',
  'subject',
  'relying-party',
  'signing-key',
  'audit',
  'administration',
  'error-registry',
]
const CONCEPT_FILES = CONCEPTS.map((folder) => `src/${folder}/**/*.ts`)
const TEST_FILES = ['test/**/*.ts', 'packages/*/test/**/*.ts', 'examples/*/test/**/*.ts']

const asParameter =
  'Time, randomness, identifiers and the outside world are parameters in a concept folder (design.md §3).'
const throughOutbound = 'Only src/outbound opens sockets to others (design.md §3).'

const bannedGlobals = (message, ...names) => names.map((name) => ({ name, message }))
const bannedProperties = (message, object, ...properties) =>
  properties.map((property) => ({ object, property, message }))

const RANDOM = 'randomBytes|randomFill|randomFillSync|randomInt|randomUUID|randomUUIDv7|getRandomValues'
const FROM_CRYPTO = "ImportDeclaration[importKind='value'][source.value=/^(node:)?crypto$/]"

const CONCEPT_SYNTAX = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `new Date(): ${asParameter}` },
  { selector: "CallExpression[callee.name='Date']", message: `Date(): ${asParameter}` },
  {
    selector: `${FROM_CRYPTO} > ImportSpecifier[importKind='value'][imported.name=/^(${RANDOM}|webcrypto)$/]`,
    message: `randomness: ${asParameter}`,
  },
  {
    selector: `${FROM_CRYPTO} > :matches(ImportDefaultSpecifier, ImportNamespaceSpecifier)`,
    message: 'Import from node:crypto by name, so that one sees what is taken from it.',
  },
]

const NO_FOCUS_NO_SKIP = [
  {
    selector:
      'MemberExpression[property.name=/^(only|skip|skipIf|runIf|todo|fails)$/][object.name=/^(test|it|describe|suite|bench)$/]',
    message: 'A test that is left out, or leaves others out, reports nothing (design.md §10).',
  },
  {
    // test.each(…).only does not exist, test.concurrent.skip does
    selector:
      "MemberExpression[property.name=/^(only|skip|skipIf|runIf|todo|fails)$/][object.type='MemberExpression'][object.object.name=/^(test|it|describe|suite)$/]",
    message: 'A test that is left out, or leaves others out, reports nothing (design.md §10).',
  },
  {
    selector: 'CallExpression[callee.name=/^x(it|test|describe)$/]',
    message: 'A test that is left out reports nothing.',
  },
  {
    selector: "CallExpression[callee.property.name='skip'][callee.object.name=/^(ctx|context|task)$/]",
    message: 'A test that leaves itself out reports nothing.',
  },
  {
    selector: "CallExpression[callee.name='setTimeout'][arguments.length=2] > Identifier[name=/^(resolve|done)$/]",
    message: 'No sleeping in tests: poll with a deadline (test/support/poll-until.ts).',
  },
]

const NO_TIMER_PROMISES = ['timers/promises', 'node:timers/promises'].map((name) => ({
  name,
  importNames: ['setTimeout', 'scheduler', 'default'],
  message: 'No sleeping in tests: poll with a deadline (test/support/poll-until.ts).',
}))

/** The client halves of modules whose server halves others need. Types are no sockets. */
const CLIENT_HALVES = [
  ['http', ['request', 'get', 'Agent', 'globalAgent', 'ClientRequest', 'default']],
  ['https', ['request', 'get', 'Agent', 'globalAgent', 'default']],
  ['net', ['connect', 'createConnection', 'Socket', 'default']],
  ['tls', ['connect', 'TLSSocket', 'default']],
  ['http2', ['connect', 'default']],
].flatMap(([module, importNames]) =>
  [module, `node:${module}`].map((name) => ({ name, importNames, message: throughOutbound, allowTypeImports: true })),
)

export default defineConfig(
  globalIgnores(['**/dist/', 'coverage/', '.sekisho/', '.test/', 'public/', 'packages/*/public/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // what has cost others a security hole
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        {
          allowNullableObject: true,
          allowNullableBoolean: true,
          allowString: true,
          allowNullableString: true,
          allowNumber: true,
        },
      ],
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-implied-eval': 'off', // the typed twin of strictTypeChecked knows more
      'no-param-reassign': ['error', { props: false }],
      'prefer-const': 'error',

      // what only makes noise
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      // the two ways to say "it is there"; `!` is banned, so a reader of bytes says `as number`
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // flags are ors of enum members
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // process.env['KEY'] and record['key'] say that the key may be absent
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
      // a strategy or an adapter may be async by its interface alone
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
    },
  },
  {
    // plain JavaScript: the command shims and the configuration of tools
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: { globals: nodeGlobals() },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  {
    files: ['packages/sign-in-button/src/**/*.js', 'examples/*/public/**/*.js'],
    languageOptions: {
      globals: { window: 'readonly', document: 'readonly', customElements: 'readonly', HTMLElement: 'readonly' },
    },
  },
  {
    files: ['src/**/*.ts', 'packages/*/src/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // a composition root talks to a terminal
    files: [
      'src/main/**/*.ts',
      'packages/*/src/main/**/*.ts',
      'packages/*/src/{main,cli,command}*.ts',
      'packages/*/src/cli/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/outbound/**', 'src/main/demo*', 'src/main/demo/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...bannedGlobals(throughOutbound, 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'),
      ],
      '@typescript-eslint/no-restricted-imports': ['error', { paths: CLIENT_HALVES }],
    },
  },
  {
    files: CONCEPT_FILES,
    rules: {
      'no-restricted-globals': [
        'error',
        ...bannedGlobals(throughOutbound, 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'),
        ...bannedGlobals(
          asParameter,
          'process',
          'performance',
          'setTimeout',
          'setInterval',
          'setImmediate',
          'crypto',
          'queueMicrotask',
        ),
      ],
      'no-restricted-properties': [
        'error',
        ...bannedProperties(asParameter, 'Date', 'now'),
        ...bannedProperties(asParameter, 'Math', 'random'),
        ...bannedProperties(asParameter, 'AbortSignal', 'timeout'),
        ...['globalThis', 'global'].flatMap((object) =>
          bannedProperties(
            asParameter,
            object,
            'process',
            'fetch',
            'crypto',
            'Date',
            'Math',
            'performance',
            'setTimeout',
            'setInterval',
          ),
        ),
      ],
      'no-restricted-syntax': ['error', ...CONCEPT_SYNTAX],
    },
  },
  {
    files: TEST_FILES,
    ignores: ['test/support/poll-until.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...NO_FOCUS_NO_SKIP],
      '@typescript-eslint/no-restricted-imports': ['error', { paths: NO_TIMER_PROMISES }],
      // an index into a fixture that is known to be there, a template of whatever came, an empty listener
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)

/** What Node puts into every module; eslint knows only the language. */
function nodeGlobals() {
  const names = [
    'process',
    'console',
    'Buffer',
    'URL',
    'URLSearchParams',
    'setTimeout',
    'clearTimeout',
    'fetch',
    'globalThis',
  ]
  return Object.fromEntries(
    [...names, 'module', 'require', 'exports', '__dirname', '__filename'].map((name) => [name, 'readonly']),
  )
}
