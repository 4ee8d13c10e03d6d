import type { GraphEdge, GraphLane, GraphLayout, GraphNode } from './lay-out-graph.ts'

/** The words of a drawing. */
export interface GraphWords {
  readonly title: string
  readonly lane: (lane: GraphLane) => string
  /** Two short lines beside a card. */
  readonly node: (node: GraphNode) => readonly [string, string]
  readonly edge: (edge: GraphEdge) => string
}

const ROW = 48
const LANE = 30
const LEFT = 24
const TOP = 40
const RADIUS = 9
const LABELS = 216

/**
 * The chain of an account's cards as SVG: never a serial, for none is there. Its colours are classes of public/admin.css, and whoever does
 * not see it reads the table beside it.
 */
export function drawGraph({ lanes, nodes, edges }: GraphLayout, words: GraphWords): string {
  const labelsAt = LEFT + lanes.length * LANE + 4
  const [width, height] = [labelsAt + LABELS, TOP + nodes.length * ROW]
  const parts = [
    `<svg class="graph" role="img" aria-labelledby="graph-name" focusable="false" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title id="graph-name">${escape(words.title)}</title>`,
    ...lanes.map((lane) => drawLane(lane, words)),
    ...edges.map((edge) => drawEdge(edge, words)),
    ...nodes.map((node) => drawNode(node, labelsAt, words)),
    '</svg>',
  ]
  return parts.join('')
}

const xOf = (lane: number): number => LEFT + lane * LANE
const yOf = (row: number): number => TOP + row * ROW + ROW / 2 - 8

function drawLane(lane: GraphLane, words: GraphWords): string {
  const x = xOf(lane.lane)
  const name = `<text class="graph-lane-name" x="${x}" y="20" text-anchor="middle">${escape(words.lane(lane))}</text>`
  if (lane.rows === undefined) return name
  const [first, last] = lane.rows
  const [top, bottom] = [yOf(first) - 16, yOf(last) + 16]
  const kind = lane.lane === 0 ? '' : ' graph-lane-merged'
  return `${name}<rect class="graph-lane${kind}" x="${x - 13}" y="${top}" width="26" height="${bottom - top}" rx="13"/>`
}

/** From the newer card down to the one that it replaced. */
function drawEdge(edge: GraphEdge, words: GraphWords): string {
  const { newer, older, relation } = edge
  const [x1, y1, x2, y2] = [xOf(newer.lane), yOf(newer.row), xOf(older.lane), yOf(older.row)]
  const isFar = Math.abs(newer.row - older.row) > 1
  // past the cards in between
  const bow = newer.lane === older.lane && isFar ? -14 : 0
  const path = `M${x1} ${y1}C${x1 + bow} ${(y1 + y2) / 2} ${x2 + bow} ${(y1 + y2) / 2} ${x2} ${y2}`
  return `<path class="graph-edge graph-${relation}" d="${path}"><title>${escape(words.edge(edge))}</title></path>`
}

function drawNode(node: GraphNode, labelsAt: number, words: GraphWords): string {
  const [x, y] = [xOf(node.lane), yOf(node.row)]
  const [first, second] = words.node(node)
  return (
    `<circle class="graph-node graph-${node.credential.status}" cx="${x}" cy="${y}" r="${RADIUS}"/>` +
    `<text class="graph-number" x="${x}" y="${y + 4}" text-anchor="middle">${node.number}</text>` +
    `<text class="graph-label" x="${labelsAt}" y="${y - 2}">${escape(first)}</text>` +
    `<text class="graph-label graph-small" x="${labelsAt}" y="${y + 15}">${escape(second)}</text>`
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
