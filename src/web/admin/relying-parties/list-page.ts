import type { ClientView } from '../../../relying-party/client-view.ts'
import { definePage, page, type PageRoute } from '../define-page.ts'
import { kindOf } from './form/site-kind.ts'
import { siteAddress } from './site-address.ts'
import type { SiteDependencies } from './site-dependencies.ts'

const SITES_ON_A_PAGE = 25
const STATUSES = ['enabled', 'disabled'] as const

/** Every site that is registered, to be searched a page at a time. */
export function createListPage({ work, builtIn }: SiteDependencies): PageRoute {
  return definePage({
    method: 'get',
    path: '/relying-parties',
    act: 'relying-parties.read',
    nav: { key: 'sites', order: 30 },
    async handle({ query, locale }) {
      const { q: text = '', after } = query
      const status = STATUSES.find((one) => one === query['status'])
      const search = { text: text.trim().slice(0, 200), status, after, limit: SITES_ON_A_PAGE + 1 }
      const found = await work.clients.search(search)
      const shown = found.slice(0, SITES_ON_A_PAGE)
      const next = found.length > shown.length ? shown.at(-1)?.clientId : undefined
      return page('admin/relying-parties/list', 'admin.sites.title', {
        sites: shown.map((client) => rowOf(client, locale, builtIn)),
        search: { text: search.text, status: status ?? '' },
        isSearch: search.text !== '' || status !== undefined || after !== undefined,
        nextHref: next === undefined ? undefined : hrefOf(search.text, status, next),
        firstHref: after === undefined ? undefined : hrefOf(search.text, status, undefined),
      })
    },
  })
}

function rowOf(client: ClientView, locale: 'ja' | 'en', builtIn: readonly string[]) {
  const { clientId, displayName, owner, status } = client
  return {
    clientId,
    name: displayName[locale],
    owner: owner ?? '',
    status,
    kind: kindOf(client),
    isBuiltIn: builtIn.includes(clientId),
    href: siteAddress(clientId),
  }
}

function hrefOf(text: string, status: string | undefined, after: string | undefined): string {
  const wishes = new URLSearchParams()
  if (text !== '') wishes.set('q', text)
  if (status !== undefined) wishes.set('status', status)
  if (after !== undefined) wishes.set('after', after)
  return `/admin/relying-parties?${wishes.toString()}`
}
