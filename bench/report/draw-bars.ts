import { round } from '../judge/goal.ts'
import type { Spread } from '../judge/statistics.ts'

/** Horizontal bars in groups, with the spread of the rounds as a line through each end. */
export interface BarChart {
  readonly title: string
  /** `µs of CPU`; smaller or larger is better. */
  readonly unit: string
  readonly better: 'less' | 'more'
  readonly groups: readonly { readonly label: string; readonly bars: readonly Bar[] }[]
}

export interface Bar extends Spread {
  readonly label: string
}

const WIDTH = 760
const LABELS = 170
const VALUES = 130
const BAR = 18
const GAP = 6
const GROUP_HEAD = 26
const TOP = 52

/** An SVG that reads on a light and on a dark page, and tells in words what it shows. */
export function drawBars(chart: BarChart): string {
  const body: string[] = []
  let y = TOP
  for (const { label, bars } of chart.groups) {
    body.push(`<text class="group" x="0" y="${y + 16}">${escape(label)}</text>`)
    y += GROUP_HEAD
    // each group has a scale of its own: groups are different things
    const most = Math.max(...bars.map((bar) => bar.most))
    const wide = (value: number): number => Math.max(1, (value / most) * (WIDTH - LABELS - VALUES))
    for (const [index, bar] of bars.entries()) {
      const middle = y + BAR / 2
      body.push(
        `<text class="name" x="${LABELS - 8}" y="${middle + 4}">${escape(bar.label)}</text>`,
        `<rect class="bar${index}" x="${LABELS}" y="${y}" width="${wide(bar.median).toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<line class="spread" x1="${(LABELS + wide(bar.least)).toFixed(1)}" x2="${(LABELS + wide(bar.most)).toFixed(1)}" y1="${middle}" y2="${middle}"/>`,
        `<text class="value" x="${(LABELS + wide(bar.most) + 8).toFixed(1)}" y="${middle + 4}">${round(bar.median)}</text>`,
      )
      y += BAR + GAP
    }
    y += GAP
  }
  const subtitle = `${chart.unit}; ${chart.better} is better; median of the rounds, the line from the least to the most`
  return frame({ title: chart.title, subtitle, description: describe(chart), height: y + 4, body: body.join('\n') })
}

function describe({ unit, groups }: BarChart): string {
  return groups
    .map(({ label, bars }) => `${label}: ${bars.map((bar) => `${bar.label} ${round(bar.median)} ${unit}`).join(', ')}`)
    .join('. ')
}

/** What every drawing of the bench has around it. */
export function frame(parts: {
  readonly title: string
  readonly subtitle: string
  readonly description: string
  readonly height: number
  readonly body: string
}): string {
  const { title, subtitle, description, height, body } = parts
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">
<title id="title">${escape(title)}</title>
<desc id="description">${escape(description)}</desc>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 16px; }
.subtitle, .axis { fill: #59636e; font-size: 12px; }
.group { font-weight: 600; }
.name { text-anchor: end; }
.bar0, .point0 { fill: #6e7781; }
.bar1, .point1 { fill: #0969da; }
.bar2, .point2 { fill: #bc4c00; }
.bar3, .point3 { fill: #8250df; }
.spread, .grid { stroke: #1f2328; stroke-width: 1.5; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.line0, .line1, .line2, .line3 { fill: none; stroke-width: 2; }
.line0 { stroke: #6e7781; } .line1 { stroke: #0969da; } .line2 { stroke: #bc4c00; } .line3 { stroke: #8250df; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.subtitle, .axis { fill: #9198a1; }
.bar0, .point0 { fill: #9198a1; }
.bar1, .point1 { fill: #4493f8; }
.bar2, .point2 { fill: #f0883e; }
.bar3, .point3 { fill: #ab7df8; }
.spread { stroke: #f0f6fc; }
.grid { stroke: #3d444d; }
.line0 { stroke: #9198a1; } .line1 { stroke: #4493f8; } .line2 { stroke: #f0883e; } .line3 { stroke: #ab7df8; }
}
</style>
<text class="title" x="0" y="18">${escape(title)}</text>
<text class="subtitle" x="0" y="36">${escape(subtitle)}</text>
${body}
</svg>
`
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
