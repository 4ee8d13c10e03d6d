import type { DebianPackage } from './debian-packages.ts'

/** The layers of design.md §10, where their tests live, and which Debian packages each cannot run without. */
export const LAYERS = [
  { name: 'unit', include: ['test/unit/**/*.test.ts'], needs: ['openssl'] },
  { name: 'property', include: ['test/property/**/*.test.ts'], needs: ['openssl', 'postgresql'] },
  {
    name: 'house',
    include: ['test/house/**/*.test.ts'],
    needs: ['chromium', 'redis-server', 'openssl', 'systemd', 'prometheus'],
  },
  {
    name: 'packages',
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    needs: [
      'openssl',
      'opensc',
      'pcscd',
      'vsmartcard-vpcd',
      'pinentry-curses',
      'systemd',
      'desktop-file-utils',
      'libplist-utils',
      'xdg-utils',
    ],
  },
  { name: 'contract', include: ['test/contract/**/*.test.ts'], needs: ['postgresql', 'redis-server'] },
  {
    name: 'integration',
    include: ['test/integration/**/*.test.ts'],
    needs: ['postgresql', 'redis-server', 'openssl', 'nginx'],
  },
  { name: 'conformance', include: ['test/conformance/**/*.test.ts'], needs: ['postgresql', 'redis-server'] },
  {
    name: 'e2e',
    include: ['test/e2e/**/*.test.ts'],
    needs: [
      'chromium',
      'fonts-noto-cjk',
      'postgresql',
      'redis-server',
      'opensc',
      'openssl',
      'pcscd',
      'vsmartcard-vpcd',
    ],
  },
] as const satisfies readonly { name: string; include: readonly string[]; needs: readonly DebianPackage[] }[]

export type LayerName = (typeof LAYERS)[number]['name']
