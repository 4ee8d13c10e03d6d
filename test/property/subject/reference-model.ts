/**
 * What src/subject ought to do, in memory, one thing after the other, without a database: small enough to be believed. People are numbers;
 * the n-th card of person 7 is `7#n`.
 */
export interface ModelAccount {
  readonly id: string
  status: 'active' | 'suspended' | 'merged'
  into: string | undefined
  readonly own: Map<string, string>
  readonly inherited: Map<string, string>
}

export interface ModelCard {
  home: string
  state: 'current' | 'superseded' | 'unlinked'
  traced: boolean
}

export interface ModelOperation {
  readonly id: string
  readonly touched: ReadonlySet<string>
  readonly undo: () => void
  undone: boolean
}

export type Expected =
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'known'; readonly accountId: string }
  | { readonly outcome: 'created' }

export class ReferenceModel {
  /** How many cards each person has been given. */
  readonly cardsOf = new Map<number, number>()
  readonly accounts = new Map<string, ModelAccount>()
  readonly cards = new Map<string, ModelCard>()
  readonly operations: ModelOperation[] = []
  /** Who was ever called what, by whom: for ever. */
  readonly issued = new Map<string, string>()
  /** Of these, an administrator's mistake or a missing service has made more or less than one account. */
  readonly confused = new Set<number>()
  readonly seen = new Map<string, string>()
  isDown = false
  isConfigured = true
  pepperStep = 0

  latest(person: number): number {
    return (this.cardsOf.get(person) ?? 1) - 1
  }

  survivor(accountId: string): ModelAccount {
    const account = this.account(accountId)
    return account.into === undefined ? account : this.account(account.into)
  }

  account(accountId: string): ModelAccount {
    const account = this.accounts.get(accountId)
    if (account === undefined) throw new Error('the model does not know this account')
    return account
  }

  expect(person: number, n: number): Expected {
    const card = this.cards.get(`${person}#${n}`)
    if (card !== undefined) {
      if (card.state === 'superseded') return { outcome: 'refused', code: 'LINK_CREDENTIAL_SUPERSEDED' }
      if (card.state === 'unlinked') return { outcome: 'refused', code: 'LINK_CREDENTIAL_UNLINKED' }
      return this.enter(card.home)
    }
    if (!this.isConfigured) return { outcome: 'created' }
    if (this.isDown) return { outcome: 'refused', code: 'LINK_SERVICE_UNAVAILABLE' }
    const nearest = this.nearest(person, n)
    if (nearest === undefined) return { outcome: 'created' }
    return nearest.state === 'unlinked'
      ? { outcome: 'refused', code: 'LINK_CREDENTIAL_UNLINKED' }
      : this.enter(nearest.home)
  }

  /** A card was accepted: what is remembered of it from now on. */
  accept(person: number, n: number, accountId: string): void {
    const name = `${person}#${n}`
    if (this.cards.has(name)) return
    const nearest = this.isConfigured ? this.nearest(person, n) : undefined
    if (nearest === undefined) {
      this.accounts.set(accountId, {
        id: accountId,
        status: 'active',
        into: undefined,
        own: new Map(),
        inherited: new Map(),
      })
      if (n > 0 && !this.isConfigured) this.confused.add(person)
    }
    const home = nearest?.home ?? accountId
    this.cards.set(name, { home, state: 'current', traced: this.isConfigured })
    if (!this.isConfigured) return
    for (let older = n - 1; older >= 0; older--) {
      const card = this.cards.get(`${person}#${older}`)
      if (card === undefined) {
        this.cards.set(`${person}#${older}`, { home, state: 'superseded', traced: true })
        continue
      }
      if (this.survivor(card.home) !== this.survivor(home)) return
      if (card.state === 'current') card.state = 'superseded'
      if (card.traced) return
      card.traced = true
    }
  }

  presented(account: ModelAccount): Map<string, string> {
    return new Map([...account.inherited, ...account.own])
  }

  /** The first site that asks decides the name; from then on it is that one. @returns what must be true of it, or what is wrong */
  call(person: number, accountId: string, sector: string, sub: string): string | undefined {
    const account = this.account(accountId)
    const expected = this.presented(account).get(sector)
    if (expected === undefined) {
      const before = this.issued.get(sub)
      if (before !== undefined) return `the subject of ${before} was given again`
      this.issued.set(sub, `${accountId} at ${sector}`)
      account.own.set(sector, sub)
    } else if (expected !== sub) return `another subject than before at ${sector}`
    if (this.confused.has(person)) return undefined
    const [mine, theirs] = [`${person} at ${sector}`, `holder of ${sub}`]
    if ((this.seen.get(mine) ?? sub) !== sub) return `person ${person} has two subjects at ${sector}`
    if ((this.seen.get(theirs) ?? mine) !== mine) return `a subject of two people at ${sector}`
    this.seen.set(mine, sub)
    this.seen.set(theirs, mine)
    return undefined
  }

  merge(operationId: string, accountId: string, into: string): void {
    const [gone, left] = [this.account(accountId), this.account(into)]
    const repointed = [gone, ...[...this.accounts.values()].filter((one) => one.into === accountId)]
    const before = repointed.map(({ into: was, status }) => ({ was, status }))
    const inherited = this.inherit(gone, left)
    for (const one of repointed) Object.assign(one, { status: 'merged', into })
    this.remember(operationId, [...repointed.map(({ id }) => id), into], () => {
      for (const [n, one] of repointed.entries()) {
        Object.assign(one, { status: before[n]?.status, into: before[n]?.was })
      }
      for (const sector of inherited) left.inherited.delete(sector)
    })
  }

  split(operationId: string, accountId: string, newAccountId: string, names: readonly string[]): void {
    const fresh: ModelAccount = {
      id: newAccountId,
      status: 'active',
      into: undefined,
      own: new Map(),
      inherited: new Map(),
    }
    this.accounts.set(newAccountId, fresh)
    const before = names.map((name) => this.card(name).home)
    for (const name of names) Object.assign(this.card(name), { home: newAccountId, traced: false })
    this.remember(operationId, [accountId, newAccountId, ...before], () => {
      for (const [n, name] of names.entries()) Object.assign(this.card(name), { home: before[n], traced: false })
      this.inherit(fresh, this.account(accountId))
      Object.assign(fresh, { status: 'merged', into: accountId })
    })
  }

  suspend(operationId: string, accountId: string): void {
    const account = this.account(accountId)
    account.status = 'suspended'
    this.remember(operationId, [accountId], () => {
      account.status = 'active'
    })
  }

  unlink(operationId: string, name: string): void {
    const card = this.card(name)
    card.state = 'unlinked'
    this.remember(operationId, [card.home, this.survivor(card.home).id], () => {
      card.state = 'current'
    })
  }

  /** The latest operation on these accounts that was not undone yet; only that one is surely out of everybody's way. */
  undoable(index: number): ModelOperation | undefined {
    const operation = this.operations[index]
    if (operation === undefined || operation.undone) return undefined
    const later = this.operations.slice(index + 1)
    return later.some((one) => [...one.touched].some((id) => operation.touched.has(id))) ? undefined : operation
  }

  card(name: string): ModelCard {
    const card = this.cards.get(name)
    if (card === undefined) throw new Error('the model does not know this card')
    return card
  }

  private remember(id: string, touched: readonly string[], undo: () => void): void {
    this.operations.push({ id, touched: new Set(touched), undo, undone: false })
  }

  private inherit(gone: ModelAccount, left: ModelAccount): string[] {
    const known = this.presented(left)
    const fresh = [...this.presented(gone)].filter(([sector]) => !known.has(sector))
    for (const [sector, sub] of fresh) left.inherited.set(sector, sub)
    return fresh.map(([sector]) => sector)
  }

  private nearest(person: number, n: number): ModelCard | undefined {
    for (let older = n - 1; older >= 0; older--) {
      const card = this.cards.get(`${person}#${older}`)
      if (card !== undefined) return card
    }
    return undefined
  }

  private enter(home: string): Expected {
    const { id, status } = this.survivor(home)
    return status === 'active'
      ? { outcome: 'known', accountId: id }
      : { outcome: 'refused', code: 'LINK_ACCOUNT_SUSPENDED' }
  }
}
