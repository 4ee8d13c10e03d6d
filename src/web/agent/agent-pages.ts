import { Router } from 'express'
import type { Locale } from '../locale.ts'
import { localeOfRequest } from '../locale-of-request.ts'
import { otherLanguageHref } from '../other-language.ts'
import type { Render } from '../render.ts'
import { readDownloads } from './read-downloads.ts'
import { trustCommand } from './trust-command.ts'

export interface AgentPagesDependencies {
  readonly issuer: string
  readonly render: Render
  readonly defaultLocale: Locale
  /** The folder that `npm run build:agent` made, or undefined: then this provider offers no build. */
  readonly downloadsDirectory: string | undefined
}

/** `/agent`: where to get the agent, and how to install it. Everything else under the path belongs to the agent's API. */
export function createAgentPages({
  issuer,
  render,
  defaultLocale,
  downloadsDirectory: root,
}: AgentPagesDependencies): Router {
  const offered = root === undefined ? undefined : readDownloads(root)
  const router = Router({ strict: true, caseSensitive: true })

  router.get('/', (req, res) => {
    const locale = localeOfRequest(req, defaultLocale)
    const downloads = (offered?.downloads ?? []).map((download) => ({
      ...download,
      href: `/agent/download/${download.file}`,
      size: (download.bytes / 1_000_000).toLocaleString(locale, { maximumFractionDigits: 1 }),
    }))
    res.set('Cache-Control', 'no-store').send(
      render(
        'agent/overview',
        { locale, titleKey: 'agent.title', otherLanguageHref: otherLanguageHref(req, locale) },
        {
          issuer,
          version: offered?.version,
          trust: trustCommand(issuer),
          executable: downloads.find(({ kind }) => kind === 'linux-x64'),
          tarball: downloads.find(({ kind }) => kind === 'npm'),
        },
      ),
    )
  })

  router.get('/download/:file', (req, res, next) => {
    const download = offered?.downloads.find(({ file }) => file === req.params.file)
    if (root === undefined || download === undefined) {
      next()
      return
    }
    res.set({
      'Content-Type': 'application/gzip',
      'Content-Disposition': `attachment; filename="${download.file}"`,
      // the same name may be built anew
      'Cache-Control': 'no-cache',
      ETag: `"${download.sha256}"`,
    })
    res.sendFile(download.file, { root, etag: false, lastModified: false, cacheControl: false })
  })
  return router
}
