import { describe, expect, test } from 'vitest'
import type { LinkRelation } from '../../../src/subject/chain/chain-store.ts'
import type { GraphSnapshot } from '../../../src/subject/graph/account-graph-store.ts'
import { drawGraph, type GraphWords } from '../../../src/web/admin/accounts/draw-graph.ts'
import { layOutGraph, MAX_NODES } from '../../../src/web/admin/accounts/lay-out-graph.ts'

const AT = new Date('2026-11-22T03:00:00Z')
const WORDS: GraphWords = {
  title: 'a <title> & "more"',
  lane: ({ lane }) => `lane ${lane}`,
  node: ({ number }) => [`card ${number}`, '<script>alert(1)</script>'],
  edge: ({ relation }) => relation,
}

function family(cards: number, links: readonly [number, number, LinkRelation][], sameMoment = false): GraphSnapshot {
  const account = (accountId: string, mergedInto?: string) => ({
    ...{ accountId, createdAt: AT, since: AT, erasedAt: undefined, mergedInto },
    status: mergedInto === undefined ? ('active' as const) : ('merged' as const),
  })
  return {
    accounts: [account('gone', 'left'), account('left')],
    credentials: Array.from({ length: cards }, (_, n) => ({
      ...{ credentialId: `c${n}`, accountId: n % 2 === 0 ? 'left' : 'gone', kind: 'card-auth', status: 'current' },
      ...{ firstSeenAt: new Date(AT.getTime() + (sameMoment ? 0 : n)), lastUsedAt: undefined, notAfter: undefined },
    })),
    links: links.map(([newer, older, relation]) => {
      return { newerId: `c${newer}`, olderId: `c${older}`, relation, actor: 'person', at: AT }
    }),
    subjects: [],
    inherited: [],
    externalAccounts: [],
  }
}

describe('the chain of cards, drawn', () => {
  test('without a card: nothing but its name', () => {
    expect(drawGraph(layOutGraph(family(0, []), 'left'), WORDS)).not.toContain('<circle')
  })

  test('newest on top, the account that is left first, and each link from the newer to the older', () => {
    const { nodes, lanes, edges } = layOutGraph(
      family(3, [
        [2, 1, 'renewed_by'],
        [1, 0, 'reissued_as'],
      ]),
      'left',
    )
    expect(nodes.map(({ credential, lane }) => [credential.credentialId, lane])).toEqual([
      ['c2', 0],
      ['c1', 1],
      ['c0', 0],
    ])
    expect(lanes).toEqual([
      { accountId: 'left', lane: 0, rows: [0, 2] },
      { accountId: 'gone', lane: 1, rows: [1, 1] },
    ])
    expect(edges.map(({ newer, older, relation }) => [newer.number, older.number, relation])).toEqual([
      [1, 2, 'renewed_by'],
      [2, 3, 'reissued_as'],
    ])
  })

  test('a chain that was written in one moment stands in its order', () => {
    const { nodes } = layOutGraph(
      family(
        4,
        [
          [0, 1, 'renewed_by'],
          [1, 2, 'renewed_by'],
          [2, 3, 'renewed_by'],
        ],
        true,
      ),
      'left',
    )
    expect(nodes.map(({ credential }) => credential.credentialId)).toEqual(['c0', 'c1', 'c2', 'c3'])
  })

  test('a circle, which there should not be, is drawn all the same', () => {
    expect(
      layOutGraph(
        family(
          2,
          [
            [0, 1, 'renewed_by'],
            [1, 0, 'renewed_by'],
          ],
          true,
        ),
        'left',
      ).edges,
    ).toHaveLength(2)
  })

  test('many are bounded, and links to what is not drawn are not', () => {
    const links = Array.from({ length: 299 }, (_, n): [number, number, LinkRelation] => [n + 1, n, 'renewed_by'])
    const layout = layOutGraph(family(300, links), 'left')
    expect(layout).toMatchObject({ left: 300 - MAX_NODES })
    expect(layout.edges).toHaveLength(MAX_NODES - 1)
    expect(drawGraph(layout, WORDS).split('<circle')).toHaveLength(MAX_NODES + 1)
  })

  test('attack 23: whatever the words are, they are text', () => {
    const svg = drawGraph(layOutGraph(family(2, [[1, 0, 'hand_over']]), 'left'), WORDS)
    expect(svg).toContain('a &lt;title&gt; &amp; &quot;more&quot;')
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('style=')
  })
})
