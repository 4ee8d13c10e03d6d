import { expect, test } from 'vitest'
import { idInGroup, routeInId, routeOfGroup } from '../../../src/oidc/route-ids.ts'

/** A group whose route, with two characters more, reads as the prefix of a token. */
function groupThatLooksLikeAPrefix(): string {
  for (let number = 0; ; number++) if (/^sk[a-z]/.test(routeOfGroup(`group ${number}`))) return `group ${number}`
}

test('an id names the route of its group', () => {
  expect(routeInId(idInGroup('some grant', () => 'random'))).toBe(routeOfGroup('some grant'))
})

test('an id that would read as a token with its prefix is drawn again', () => {
  const group = groupThatLooksLikeAPrefix()
  const drawn = ['t_AAAAAAAA', 'x_BBBBBBBB', 'CCCCCCCC']
  const id = idInGroup(group, () => drawn.shift() ?? '')
  expect(id).toBe(`${routeOfGroup(group)}CCCCCCCC`)
  expect(routeInId(id)).toBe(routeOfGroup(group))
  expect(routeInId(`${routeOfGroup(group)}t_AAAAAAAA`)).not.toBe(routeOfGroup(group))
})

test('a token is in the place of its grant, behind its prefix', () => {
  expect(routeInId(`skat_${routeOfGroup('some grant')}random`)).toBe(routeOfGroup('some grant'))
})
