import { describe, expect, test } from 'vitest'
import { exchangeable } from '../../../src/main/exchangeable.ts'

describe('exchangeable', () => {
  test('every call goes to what was made of the newest, also through a follower that was handed on long ago', () => {
    const thing = exchangeable({ name: 'first' })
    const follower = thing.follow(({ name }) => ({ say: () => name }))
    const handedOn = { follower }
    expect(handedOn.follower.say()).toBe('first')
    thing.exchange({ name: 'second' })
    expect(handedOn.follower.say()).toBe('second')
    expect(thing.follow(({ name }) => ({ say: () => name })).say()).toBe('second')
  })

  test('what is under way ends where it began', async () => {
    const gate = Promise.withResolvers<string>()
    const thing = exchangeable({ name: 'first' })
    const follower = thing.follow(({ name }) => ({ say: async () => `${await gate.promise} ${name}` }))
    const begun = follower.say()
    thing.exchange({ name: 'second' })
    gate.resolve('opened')
    expect(await begun).toBe('opened first')
  })

  test('one follower that cannot be made of the next thing: all stay with what they have', () => {
    const thing = exchangeable({ name: 'first' })
    const one = thing.follow(({ name }) => ({ say: () => name }))
    const other = thing.follow(({ name }) => {
      if (name === 'bad') throw new Error('cannot be made')
      return { say: () => name }
    })
    expect(() => {
      thing.exchange({ name: 'bad' })
    }).toThrow('cannot be made')
    expect([one.say(), other.say()]).toEqual(['first', 'first'])
  })
})
