import { describe, expect, test } from 'vitest'
import { FLAGS, isOnFor, switchedFlags, type FlagName, type FlagRow } from './index.ts'

const NAMES = Object.keys(FLAGS) as FlagName[]
const FLAG = 'chat.answers'
const row = (change: Partial<FlagRow>): FlagRow => ({
  name: FLAG,
  orgId: null,
  enabled: true,
  percentage: 100,
  ...change,
})
const decide = (rows: readonly FlagRow[], orgId: string, flag: FlagName = FLAG) =>
  isOnFor(flag, switchedFlags(rows).get(flag), orgId)
/** The same in every run: these tests are about shares, not about luck. */
const organisations = Array.from(
  { length: 2_000 },
  (_, i) => `0197a3f0-0000-7000-8000-${i.toString(16).padStart(12, '0')}`,
)

describe('a flag', () => {
  test('has its default until somebody switches it, and switching one changes no other', () => {
    const rows = [row({ enabled: false })]
    for (const name of NAMES) expect(decide([], organisations[0]!, name)).toBe(FLAGS[name].default)
    for (const name of NAMES)
      expect(decide(rows, organisations[0]!, name)).toBe(name === FLAG ? false : FLAGS[name].default)
  })

  test('of an organisation wins over that of the installation, both ways, and is nobody else’s', () => {
    const [a, b] = organisations as [string, string]
    const offForOne = [row({}), row({ orgId: a, enabled: false })]
    const onForOne = [row({ enabled: false }), row({ orgId: a })]
    const noneForAll = [row({ percentage: 0 }), row({ orgId: a })]
    expect([decide(offForOne, a), decide(offForOne, b)]).toEqual([false, true])
    expect([decide(onForOne, a), decide(onForOne, b)]).toEqual([true, false])
    expect([decide(noneForAll, a), decide(noneForAll, b)]).toEqual([true, false])
  })

  test('on for a share is on for about so many, and a larger share switches nobody off', () => {
    let before = new Set<string>()
    for (const percentage of [0, 1, 10, 25, 50, 90, 99, 100]) {
      const on = new Set(organisations.filter((orgId) => decide([row({ percentage })], orgId)))
      expect([...before].filter((orgId) => !on.has(orgId))).toEqual([])
      // Four standard deviations of 2,000 draws at a half.
      expect(Math.abs(on.size / organisations.length - percentage / 100)).toBeLessThan(0.045)
      before = on
    }
    expect(before.size).toBe(organisations.length)
  })

  test('gives each organisation the same place always, and another one under another flag', () => {
    const half = (flag: FlagName) =>
      organisations.filter((orgId) => decide([row({ name: flag, percentage: 50 })], orgId, flag))
    const first = new Set(half(FLAG))
    expect(half(FLAG)).toEqual([...first])
    const both = half('search.semantic').filter((orgId) => first.has(orgId))
    // Half of the half where the two are independent.
    expect(Math.abs(both.length / organisations.length - 0.25)).toBeLessThan(0.045)
  })

  test('keeps its places over versions of Quarry', () => {
    const shares = Array.from({ length: 101 }, (_, percentage) => percentage)
    const smallest = (orgId: string) => shares.find((percentage) => decide([row({ percentage })], orgId))
    expect(organisations.slice(0, 4).map(smallest)).toEqual([49, 30, 65, 21])
  })

  test('that this version does not know is left alone', () => {
    expect(decide([row({ name: 'from.tomorrow', enabled: false })], organisations[0]!)).toBe(true)
  })
})
