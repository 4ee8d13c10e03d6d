/** The page of one site in the console; whatever its id is made of. */
export function siteAddress(clientId: string, page: '' | 'edit' | 'try' | 'links' = ''): `/admin${string}` {
  return `/admin/relying-parties/${encodeURIComponent(clientId)}${page === '' ? '' : `/${page}`}`
}
