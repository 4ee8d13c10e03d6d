import { expect, test } from 'vitest'
import { drawBars } from '../../../bench/report/draw-bars.ts'
import { drawLines } from '../../../bench/report/draw-lines.ts'
import { replaceBetween } from '../../../bench/report/write-markdown.ts'

const bars = drawBars({
  title: 'CPU <of> one',
  unit: 'µs',
  better: 'less',
  groups: [
    {
      label: 'introspection',
      bars: [
        { label: 'stock', median: 200, least: 150, most: 250 },
        { label: 'ours', median: 100, least: 90, most: 110 },
      ],
    },
  ],
})

test('a drawing tells in words what it shows, and what it quotes cannot leave its place', () => {
  expect(bars).toContain('role="img" aria-labelledby="title description"')
  expect(bars).toContain('<desc id="description">introspection: stock 200 µs, ours 100 µs</desc>')
  expect(bars).toContain('<title id="title">CPU &lt;of&gt; one</title>')
  expect(bars).not.toContain('<of>')
})

test('a bar is as long as its value', () => {
  const widths = [...bars.matchAll(/<rect class="bar\d" x="\d+" y="\d+" width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  )
  expect(widths).toHaveLength(2)
  expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(2, 1)
})

test('it is readable on a dark page too', () => {
  expect(bars).toContain('@media (prefers-color-scheme: dark)')
})

test('sizes that grow tenfold are equally far apart', () => {
  const points = [1000, 10_000, 100_000].map((x) => ({ x, y: 1 }))
  const svg = drawLines({
    title: 'look-ups',
    x: { unit: 'people', isLogarithmic: true },
    y: { unit: 'ms' },
    curves: [{ label: 'one query', points }],
  })
  const [, path = ''] = /<polyline class="line0" points="([^"]+)"/.exec(svg) ?? []
  const [first = 0, second = 0, third = 0] = path.split(' ').map((point) => Number(point.split(',')[0]))
  expect(second - first).toBeCloseTo(third - second, 0)
  expect(svg).toContain('10⁵')
})

test('a page keeps everything but what stands between its marks', () => {
  const page = 'a\n<!-- bench:begin (generated) -->\nold\n<!-- bench:end -->\nb\n'
  expect(replaceBetween(page, 'bench', 'new')).toBe('a\n<!-- bench:begin (generated) -->\nnew\n<!-- bench:end -->\nb\n')
})

test('a page without the marks is refused', () => {
  expect(() => replaceBetween('a', 'bench', 'new')).toThrow('no place')
})
