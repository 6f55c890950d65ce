import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { runCheck } from './check/tree.ts'

const at = (name: string) => `packages/db/migrations/${name}`
const check = (sql: string, more: Record<string, string> = {}) =>
  runCheck('check-migrations.mjs', { [at('0008_next.sql')]: sql, ...more })

describe('what an older release would notice', () => {
  it.each([
    ['DROP TABLE "chunk";', 'drops a table'],
    ['ALTER TABLE "run" DROP COLUMN "lease";', 'drops a column'],
    ['DROP FUNCTION queue_put(text);', 'drops what code may call'],
    ['DROP POLICY tenant ON run;', 'drops a policy'],
    ['DROP INDEX "job_run_age";', 'drops an index'],
    ['ALTER TABLE run RENAME COLUMN a TO b;', 'renames'],
    ['ALTER TABLE run RENAME TO answer;', 'renames'],
    ['ALTER TABLE run ALTER COLUMN a SET NOT NULL;', 'older code does not write'],
    ['ALTER TABLE run ALTER COLUMN a DROP DEFAULT;', 'takes a default away'],
    ['ALTER TABLE "run" ADD COLUMN "a" text NOT NULL;', 'older code cannot fill'],
    ['ALTER TABLE run ADD COLUMN a int DEFAULT 1 NOT NULL, ADD COLUMN b text NOT NULL;', 'older code cannot fill'],
    ['REVOKE SELECT ON run FROM app_user;', 'takes a right away'],
    ['TRUNCATE run;', 'empties a table'],
    ['ALTER TABLE run ALTER COLUMN a SET DATA TYPE bigint;', 'changes a type'],
    ['ALTER TABLE run ALTER COLUMN a TYPE bigint;', 'changes a type'],
    ['ALTER TABLE run ADD COLUMN a text GENERATED ALWAYS AS (lower(b)) STORED;', 'computed for each row'],
    ['ALTER TABLE run ADD COLUMN a uuid DEFAULT gen_random_uuid();', 'computed for each row'],
    ['ALTER TABLE run ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES b (id);', 'checks all rows'],
    ['ALTER TABLE run ADD CONSTRAINT x CHECK (a > 0);', 'checks all rows'],
    ['ALTER TABLE "run" ADD CONSTRAINT "x" UNIQUE("a");', 'builds an index while it holds'],
    ['CREATE INDEX "x" ON "run" USING btree ("a");', 'builds an index while nobody can write'],
    ['UPDATE run SET a = 1;', 'writes to rows'],
    ["DO $$ BEGIN\n  IF true THEN UPDATE run SET a = 'x;y'; END IF;\nEND $$;", 'writes to rows'],
    ['LOCK TABLE run;', 'locks everybody out'],
  ])('finds %s', async (sql, says) => {
    const { code, output } = await check(`-- It's a comment; with a quote.\n${sql}`)
    expect(output).toContain(says)
    expect(output).toMatch(/^0008_next\.sql:[23] /)
    expect(code).toBe(1)
  })
})

describe('what it does not notice', () => {
  it.each([
    [
      'a new table with all that belongs to it',
      'CREATE TABLE "a" (id uuid NOT NULL);\nALTER TABLE "a" ADD CONSTRAINT x FOREIGN KEY (id) REFERENCES run (id);\nCREATE INDEX y ON a (id);\nREVOKE ALL ON a FROM PUBLIC;\nUPDATE a SET id = id;',
    ],
    ['a column that may be empty', 'ALTER TABLE run ADD COLUMN a text;'],
    ['a column with a default', 'ALTER TABLE run ADD COLUMN a integer DEFAULT 0 NOT NULL;'],
    [
      'a constraint that is validated later',
      'ALTER TABLE run ADD CONSTRAINT x CHECK (a > 0) NOT VALID;\nALTER TABLE run VALIDATE CONSTRAINT x;',
    ],
    ['an index that is there before', 'ALTER TABLE run ADD CONSTRAINT x UNIQUE USING INDEX y;'],
    [
      'what a function does when it is called',
      'CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ UPDATE run SET a = 1; DROP TABLE run; $$;\nREVOKE ALL ON FUNCTION f() FROM PUBLIC;',
    ],
    ['words in strings and comments', "COMMENT ON TABLE run IS 'x; DROP TABLE run;';\n-- DROP TABLE run;"],
    ['rights', 'GRANT SELECT ON run TO app_user;'],
  ])('%s', async (_, sql) => {
    expect(await check(sql)).toEqual({ code: 0, output: '' })
  })
})

describe('a mark', () => {
  it('lets through what says why, and since which release nobody uses it', async () => {
    const sql = '-- contract: read by nobody since 0.3: runs say it themselves\nALTER TABLE run DROP COLUMN a;\n'
    expect(await check(sql)).toEqual({ code: 0, output: '' })
    expect(await check('-- locks: a table of some hundred rows\nCREATE INDEX x ON run (a);')).toMatchObject({ code: 0 })
  })
  it.each([
    ['without a reason', '-- contract:\nDROP TABLE run;'],
    ['without a release', '-- contract: nobody reads it any more\nDROP TABLE run;'],
    ['of the other kind', '-- locks: a table of some hundred rows\nDROP TABLE run;'],
    ['of another statement', '-- contract: read by nobody since 0.3 at all\nDROP TABLE a;\nDROP TABLE run;'],
  ])('counts for nothing %s', async (_, sql) => {
    expect(await check(sql)).toMatchObject({ code: 1 })
  })
})

describe('what was released', () => {
  const sql = 'DROP TABLE old;'
  const record = (text: string) => ({
    'packages/db/released-migrations.json': JSON.stringify({
      '0001_old.sql': createHash('sha256').update(text).digest('hex'),
    }),
  })
  it('is not looked at again', async () => {
    expect(await check('SELECT 1;', { [at('0001_old.sql')]: sql, ...record(sql) })).toEqual({ code: 0, output: '' })
  })
  it('is never changed, nor taken away', async () => {
    const changed = await check('SELECT 1;', { [at('0001_old.sql')]: `${sql} `, ...record(sql) })
    expect(changed.output).toContain('0001_old.sql was released, and has been changed')
    const gone = await check('SELECT 1;', record(sql))
    expect(gone.output).toContain('0001_old.sql was released, and is gone')
  })
})
