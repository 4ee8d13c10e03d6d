import type { Answer } from './beside-library.ts'
import { callInProcess } from './call-in-process.ts'

/** What anybody may read, and what is the same for everybody: one provider, with its settings and keys, always says the same. */
const DOCUMENTS = new Set(['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])

interface Document {
  readonly headers: readonly (readonly [name: string, value: string | number | readonly string[]])[]
  readonly text: string
}

/**
 * Answers key set and metadata with what the library answered before: it is asked once, in process. Where keys or settings change there is
 * another provider (docs/adr/0006), and with it another of these; so nothing is ever out of date. A request that may be answered otherwise,
 * from a page of another origin or with another method, and every answer that is no success, is the library's each time.
 *
 * @param issuer an origin
 * @param library of one provider
 */
export function rememberDocuments(library: Answer, issuer: string): Answer {
  const remembered = new Map<string, Document>()

  const remember = async (path: string): Promise<void> => {
    const { status, headers, text } = await callInProcess(library, issuer, { method: 'GET', path })
    if (status !== 200) return
    const said = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    )
    remembered.set(path, { headers: said, text })
  }

  return (req, res) => {
    const path = req.url ?? ''
    if (!DOCUMENTS.has(path) || req.method !== 'GET' || req.headers.origin !== undefined) return library(req, res)
    const found = remembered.get(path)
    if (found === undefined) {
      // whoever comes meanwhile is answered by the library, as is whoever comes after it failed
      remember(path).catch(() => undefined)
      return library(req, res)
    }
    for (const [name, value] of found.headers) res.setHeader(name, value)
    res.end(found.text)
    return undefined
  }
}
