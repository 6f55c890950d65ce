import { expect, test } from 'vitest'
import { isFrequent } from './frequent-statements.ts'

/** Whether a text has a name after it was sent this often. */
const namedAfter = (times: number, text: string) => {
  for (let i = 1; i < times; i++) isFrequent(text)
  return isFrequent(text)
}

test('what Drizzle builds and what is marked as fixed gets a name when it comes often, and keeps it', () => {
  for (const text of [
    'select "id" from "document"',
    'insert into "run" ("id") values ($1)',
    'update "run" set "state" = $1',
    'delete from "run" where "id" = $1',
    'select /* fixed */ 1',
    'with /* fixed */ a as (select 1) table a',
  ]) {
    expect(namedAfter(19, text)).toBe(false)
    expect(isFrequent(text)).toBe(true)
    expect(isFrequent(text)).toBe(true)
  }
})

test('a statement written by hand has none: it is planned each time', () => {
  for (const text of [
    'with term as (select 1) table term',
    'select 1',
    'insert into /* fixed */ "document" values (1)',
  ])
    expect(namedAfter(50, text)).toBe(false)
})
