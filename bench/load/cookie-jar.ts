/** The cookies of one browser at one site, by name and path. */
export interface CookieJar {
  header(path: string): string
  keep(lines: string | readonly string[] | undefined): void
}

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, { readonly path: string; readonly pair: string }>()
  return {
    header: (path) =>
      [...cookies.values()]
        .filter((cookie) => path === cookie.path || cookie.path === '/' || path.startsWith(`${cookie.path}/`))
        .map(({ pair }) => pair)
        .join('; '),
    keep: (lines = []) => {
      for (const line of typeof lines === 'string' ? [lines] : lines) {
        const [pair = '', ...attributes] = line.split(/; */)
        const of = (name: string): string | undefined =>
          attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
        const path = of('path') ?? '/'
        const key = `${pair.slice(0, pair.indexOf('='))} ${path}`
        const expires = of('expires')
        if (of('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now())) cookies.delete(key)
        else cookies.set(key, { path, pair })
      }
    },
  }
}
