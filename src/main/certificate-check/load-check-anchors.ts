import { TrustAnchorsRefused } from '../../certificate/anchor/anchor-fault.ts'
import { loadTrustAnchors, virtualAnchorsAllowed } from '../../certificate/anchor/load-trust-anchors.ts'
import { readAnchor } from '../../certificate/anchor/read-anchor.ts'
import type { AnchorFile, TrustAnchor, TrustAnchors } from '../../certificate/anchor/trust-anchor.ts'
import type { CertificateProfile } from '../../certificate/profile/certificate-profile.ts'
import { OWN_TRUST_DIRECTORY, readAnchorFile, readTrustDirectory } from '../read-trust-directory.ts'

const NO_FILES = { authentication: [], signature: [] } as const

/**
 * The anchors a check is made against: the given files, or those of this installation. A given root that cannot be one is left out,
 * so that what it issued is refused as untrusted; the reason goes to standard error.
 */
export async function loadCheckAnchors(
  paths: readonly string[],
  profile: CertificateProfile,
  environment: NodeJS.ProcessEnv,
): Promise<TrustAnchors> {
  const given = (await Promise.all(paths.map((path) => readAnchorFile(path, path)))).flat()
  if (profile.name === 'none') {
    return { authentication: [], signature: [], [profile.purpose]: given.flatMap((file) => readPlain(file, profile)) }
  }
  const trustVirtual = virtualAnchorsAllowed(environment)
  if (given.length === 0) return loadTrustAnchors({ ...(await readTrustDirectory(OWN_TRUST_DIRECTORY)), trustVirtual })
  return {
    authentication: readEach(given, 'authentication', trustVirtual),
    signature: readEach(given, 'signature', trustVirtual),
  }
}

function readPlain(file: AnchorFile, profile: CertificateProfile): readonly TrustAnchor[] {
  const anchor = readAnchor(file, profile)
  if (typeof anchor !== 'string') return [anchor]
  console.error(`${file.name}: ${anchor}`)
  return []
}

/** Each goes into the store its name says; the other store does not want it, and that is no fault. */
function readEach(
  files: readonly AnchorFile[],
  purpose: keyof typeof NO_FILES,
  trustVirtual: boolean,
): readonly TrustAnchor[] {
  return files.flatMap((file) => {
    try {
      return loadTrustAnchors({ ...NO_FILES, [purpose]: [file], trustVirtual })[purpose]
    } catch (error) {
      if (!(error instanceof TrustAnchorsRefused)) throw error
      for (const { name, reason } of error.faults) if (reason !== 'wrong-purpose') console.error(`${name}: ${reason}`)
      return []
    }
  })
}
