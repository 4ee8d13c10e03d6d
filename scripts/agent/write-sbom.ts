import type { ContainedPackage } from './contained-packages.ts'

export interface Contents {
  readonly kind: 'npm' | 'executable'
  readonly version: string
  readonly packages: readonly ContainedPackage[]
  /** `process.versions` of the Node inside, or undefined. */
  readonly node: Readonly<Record<string, string | undefined>> | undefined
}

/** A bill of materials (CycloneDX 1.6, JSON) of what is in, by what the bundler took; nothing in it depends on day or machine. */
export function writeSbom({ kind, version, packages, node }: Contents): string {
  const root = `pkg:generic/sekisho-agent@${version}?kind=${kind}`
  const components = [...packages.map(packageComponent), ...(node === undefined ? [] : nodeComponents(node))]
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: 'sekisho-agent',
        version,
        licenses: [{ license: { id: 'MIT' } }],
        purl: root,
      },
    },
    components,
    dependencies: [
      { ref: root, dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
    ],
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}

function packageComponent({ name, version, license, integrity }: ContainedPackage) {
  const [group, short] = name.startsWith('@') ? (name.split('/') as [string, string]) : [undefined, name]
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const isExpression = /\s(AND|OR|WITH)\s/.test(license)
  return {
    type: 'library',
    'bom-ref': purl,
    ...(group === undefined ? {} : { group }),
    name: short,
    version,
    ...(integrity?.startsWith('sha512-') === true && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }],
    }),
    licenses: isExpression ? [{ expression: license }] : [{ license: { id: license } }],
    purl,
  }
}

/** Node itself and the libraries it says are in it. */
function nodeComponents({ node, modules: _abi, ...libraries }: Readonly<Record<string, string | undefined>>) {
  const component = (type: string, name: string, version: string) => {
    const purl = `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}`
    return { type, 'bom-ref': purl, name, version, purl }
  }
  const rest = Object.entries(libraries).flatMap(([name, version]) =>
    version === undefined ? [] : [component('library', name, version)],
  )
  return [component('platform', 'node', String(node)), ...rest]
}
