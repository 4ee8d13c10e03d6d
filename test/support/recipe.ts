import { readFileSync } from 'node:fs'
import { sekishoJson, type Environment } from './run-sekisho.ts'

const PAGES = new URL('../../docs/relying-parties/', import.meta.url)
const PROGRAMS = new URL('../conformance/recipes/', import.meta.url)

/** What the pages write for the addresses of a site, its API and the provider. */
const SITE = 'https://shop.example.jp'
const API = 'https://api.example.jp'
const PROVIDER = 'https://id.example.jp'

/** Whether a page of docs/relying-parties quotes these programs, to the letter. @returns those that it does not */
export function unquotedPrograms(page: string, programs: readonly string[]): string[] {
  const text = pageText(page)
  return programs.filter((program) => {
    const language = program.split('.').at(-1) ?? ''
    return !text.includes(`\`\`\`${language}\n${readFileSync(new URL(program, PROGRAMS), 'utf8')}\`\`\``)
  })
}

export interface Registered {
  readonly clientId: string
  /** Empty for a public client. */
  readonly clientSecret: string
}

/**
 * Runs the `npx sekisho client add …` (or `update`) that a page shows, as it stands there but for the addresses.
 *
 * @param which of several commands of the page, from 0
 */
export async function registerAsThePageSays(
  environment: Environment,
  page: string,
  { baseUrl, apiUrl = API, which = 0 }: { readonly baseUrl: string; readonly apiUrl?: string; readonly which?: number },
): Promise<Registered> {
  const command = [...pageText(page).matchAll(/^npx sekisho (client (?:add|update) (?:.*\\\n)*.*)$/gm)][which]?.[1]
  if (command === undefined) throw new Error(`${page}: no such registration`)
  const issuer = environment['ISSUER'] ?? PROVIDER
  const words = shellWords(command).map((word) =>
    word.replaceAll(SITE, baseUrl).replaceAll(API, apiUrl).replaceAll(PROVIDER, issuer),
  )
  const { client, clientSecret = '' } = await sekishoJson<{ client: { clientId: string }; clientSecret?: string }>(
    environment,
    ...words,
  )
  return { clientId: client.clientId, clientSecret }
}

function pageText(page: string): string {
  return readFileSync(new URL(`${page}.md`, PAGES), 'utf8')
}

/** As much of a shell as the pages use: words, single quotes, and lines that go on. */
function shellWords(command: string): string[] {
  const words = command.replaceAll('\\\n', ' ').match(/(?:[^\s']|'[^']*')+/g) ?? []
  return words.map((word) => word.replaceAll("'", ''))
}
