import type { LinkRelation } from '../../../subject/chain/chain-store.ts'
import type { GraphCredential, GraphSnapshot } from '../../../subject/graph/account-graph-store.ts'

/** More are drawn nowhere; the table has all of them. */
export const MAX_NODES = 120

export interface GraphNode {
  readonly credential: GraphCredential
  /** 1 is the newest. */
  readonly number: number
  readonly lane: number
  readonly row: number
}

export interface GraphEdge {
  readonly relation: LinkRelation
  readonly newer: GraphNode
  readonly older: GraphNode
}

/** One account: the one that is left is the first. */
export interface GraphLane {
  readonly accountId: string
  readonly lane: number
  /** Rows of its first and last card; undefined where none is drawn. */
  readonly rows: readonly [number, number] | undefined
}

export interface GraphLayout {
  readonly lanes: readonly GraphLane[]
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Cards that are too many to be drawn: the oldest. */
  readonly left: number
}

/** Cards from the newest down, a row each; accounts side by side, the one that is left first. */
export function layOutGraph({ accounts, credentials, links }: GraphSnapshot, survivor: string): GraphLayout {
  const order = accounts
    .toSorted(
      (one, other) =>
        Number(other.accountId === survivor) - Number(one.accountId === survivor) ||
        Number(one.createdAt) - Number(other.createdAt) ||
        one.accountId.localeCompare(other.accountId),
    )
    .map(({ accountId }) => accountId)
  const newestFirst = credentials.toSorted(
    (one, other) =>
      Number(other.firstSeenAt) - Number(one.firstSeenAt) || one.credentialId.localeCompare(other.credentialId),
  )
  // of one moment: a chain is written at once, and whatever replaced another stands above it
  const sorted = olderBelow(newestFirst, links)
  const nodes = sorted.slice(0, MAX_NODES).map((credential, row): GraphNode => {
    return { credential, number: row + 1, row, lane: Math.max(0, order.indexOf(credential.accountId)) }
  })
  const byId = new Map(nodes.map((node) => [node.credential.credentialId, node]))
  return {
    lanes: order.map((accountId, lane) => {
      const rows = nodes.filter((node) => node.lane === lane).map(({ row }) => row)
      return { accountId, lane, rows: rows.length === 0 ? undefined : [Math.min(...rows), Math.max(...rows)] }
    }),
    nodes,
    edges: links.flatMap(({ newerId, olderId, relation }) => {
      const [newer, older] = [byId.get(newerId), byId.get(olderId)]
      return newer === undefined || older === undefined ? [] : [{ relation, newer, older }]
    }),
    left: sorted.length - nodes.length,
  }
}

function olderBelow(
  newestFirst: readonly GraphCredential[],
  links: GraphSnapshot['links'],
): readonly GraphCredential[] {
  const replacedBy = Map.groupBy(links, ({ olderId }) => olderId)
  const depths = new Map<string, number>()
  const depthOf = (id: string, seen: ReadonlySet<string>): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    if (seen.has(id)) return 0
    const above = (replacedBy.get(id) ?? []).map(({ newerId }) => depthOf(newerId, new Set([...seen, id])) + 1)
    const depth = Math.max(0, ...above)
    depths.set(id, depth)
    return depth
  }
  return newestFirst.toSorted(
    (one, other) =>
      Number(other.firstSeenAt) - Number(one.firstSeenAt) ||
      depthOf(one.credentialId, new Set()) - depthOf(other.credentialId, new Set()),
  )
}
