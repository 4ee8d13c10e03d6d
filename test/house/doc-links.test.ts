import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/** Links between pages of this repository lead somewhere, to the heading they name. */
const pages = globSync(
  '{*.md,{.github,bench,bin,deploy,docs,examples,migrations,packages,src,test,trust,views}/**/*.md}',
  {
    exclude: (path) => path.includes('node_modules'),
  },
)

const withoutPrograms = (page: string): string => readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

const anchorsIn = (page: string): string[] =>
  [...withoutPrograms(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

function deadLinksIn(page: string): string[] {
  return [...withoutPrograms(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(target)) return true
      return anchor !== undefined && target.endsWith('.md') && !anchorsIn(target).includes(anchor)
    })
}

test('there are pages, and links in them', () => {
  expect(pages).toContain('docs/relying-parties.md')
  expect(withoutPrograms('docs/relying-parties.md')).toMatch(/\]\(relying-parties\/authjs\.md\)/)
})

test.each(pages)('%s leads to what is there', (page) => {
  expect(deadLinksIn(page)).toEqual([])
})
