import { describe, expect, it } from 'vitest'
import { statementName } from './statement-name.ts'

describe('the name of a statement', () => {
  it.each([
    ['select "id", "title" from "document" where "document"."org_id" = $1', 'select document'],
    ['insert into "signal" ("org_id") values ($1)', 'insert signal'],
    ['update "run" set "heartbeat_at" = now() where "run"."id" = $1', 'update run'],
    ['delete from "auth"."session" where "id" = $1', 'delete session'],
    ['select app_enter($1::uuid, $2, $3::uuid, $4, $5::integer)', 'select app_enter'],
    ['select enqueue_job($1, $2::jsonb) as id', 'select enqueue_job'],
    [`with hits as (select * from posting p where p.lexeme = any($1)) select * from hits`, 'with posting'],
    ['begin', 'begin'],
    ['COMMIT', 'commit'],
    ['select 1', 'select other'],
    ['select * from pg_stat_activity', 'select other'],
    ['vacuum', 'other'],
  ])('of %s is %s', (text, name) => {
    expect(statementName(text)).toBe(name)
    // Remembered, too.
    expect(statementName(text)).toBe(name)
  })

  it('never has what is not in the list, whatever a text says', () => {
    expect(statementName(`select * from "secret plan of alice"`)).toBe('select other')
    expect(statementName(`update somebody_else set x = 1`)).toBe('update other')
  })
})
