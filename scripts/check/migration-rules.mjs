/**
 * What in a migration an older release, still running, would notice. Two kinds, with a mark each:
 *   contract   takes away what the release before may still use
 *   locks      holds a table that is in use for as long as it has rows
 *
 * @typedef {{ kind: 'contract' | 'locks', what: string, pattern: RegExp, instead: string }} Rule
 */

const NAME = String.raw`(?:"?\w+"?\.)?"?(?<table>\w+)"?`
/** The rest of what is said of one column. */
const OF_COLUMN = '(?:(?!, add column ).)*'
const rule = (kind, what, pattern, instead) => ({ kind, what, pattern: new RegExp(pattern, 'is'), instead })

/** `(?<table>…)` is the table that a statement is about: one that the same file makes is in nobody's use. @type {Rule[]} */
export const RULES = [
  rule(
    'contract',
    'drops a table',
    `^drop table (?:if exists )?${NAME}`,
    'drop it a release after the last that uses it',
  ),
  rule(
    'contract',
    'drops a column',
    `^alter table (?:only )?(?:if exists )?${NAME} .*drop column`,
    'drop it a release after the last that uses it',
  ),
  rule(
    'contract',
    'drops what code may call',
    '^drop (?:function|procedure|view|materialized view|type|domain|sequence|schema|role|extension|aggregate|operator)',
    'leave it for a release',
  ),
  rule(
    'contract',
    'drops a policy or a trigger',
    '^drop (?:policy|trigger|rule)',
    'make the new one beside it and drop the old one a release later',
  ),
  rule(
    'contract',
    'drops an index',
    `^drop index (?:concurrently )?(?:if exists )?${NAME}`,
    'drop it a release after the last whose statements use it',
  ),
  rule(
    'contract',
    'takes a right away',
    `^revoke .* on (?:table |function )?${NAME}`,
    'revoke it a release after the last that uses it',
  ),
  rule(
    'contract',
    'renames',
    '^alter .* rename ',
    'add the new name, write both, and drop the old one a release later',
  ),
  rule(
    'contract',
    'takes a default away',
    `^alter table (?:only )?${NAME} .*drop default`,
    'leave the default for a release: older code does not write the column',
  ),
  rule(
    'contract',
    'wants a value that older code does not write',
    `^alter table (?:only )?${NAME} .*set not null`,
    'give it a default, fill it, and forbid null a release later, by a validated CHECK',
  ),
  rule(
    'contract',
    'adds a column that older code cannot fill',
    `^alter table (?:only )?${NAME} .*add column (?!${OF_COLUMN}\\b(?:default|generated)\\b)${OF_COLUMN}\\bnot null\\b`,
    'give it a default',
  ),
  rule('contract', 'empties a table', `^truncate (?:table )?${NAME}`, 'delete in a job'),
  rule(
    'locks',
    'changes a type, which may write the whole table anew',
    `^alter table (?:only )?${NAME} .*(?:set data type|alter column \\S+ type)`,
    'add a column of the new type and fill it in a job',
  ),
  rule(
    'locks',
    'adds a column that is computed for each row',
    `^alter table (?:only )?${NAME} .*add column .*\\bgenerated always as\\b.*\\bstored\\b`,
    'compute it in a job, or in the query',
  ),
  rule(
    'locks',
    'adds a column whose default is computed for each row',
    `^alter table (?:only )?${NAME} .*add column .*default (?:gen_random_uuid|uuid_generate\\w*|random|clock_timestamp|nextval)\\b`,
    'add it without one, set the default, and fill it in a job',
  ),
  rule(
    'locks',
    'checks all rows while it holds the table',
    `^alter table (?:only )?${NAME} .*add (?:constraint \\S+ )?(?:check|foreign key)\\b(?!.*\\bnot valid\\b)`,
    'add it NOT VALID, and validate it in a migration of its own',
  ),
  rule(
    'locks',
    'builds an index while it holds the table',
    `^alter table (?:only )?${NAME} .*add (?:constraint \\S+ )?(?:unique|primary key|exclude)\\b(?!.*\\busing index\\b)`,
    'build the index before (CREATE UNIQUE INDEX CONCURRENTLY), and add it USING INDEX',
  ),
  rule(
    'locks',
    'builds an index while nobody can write',
    `^create (?:unique )?index (?!concurrently).*? on (?:only )?${NAME}`,
    'write CREATE INDEX IF NOT EXISTS, and have it built CONCURRENTLY before the release (CONTRIBUTING.md)',
  ),
  rule(
    'locks',
    'writes to rows that are in use',
    `^(?:update (?:only )?|delete from (?:only )?)${NAME}`,
    'fill in a job, some rows at a time',
  ),
  rule(
    'locks',
    'locks everybody out',
    '^(?:lock |cluster\\b|vacuum full|reindex (?!.*concurrently))',
    'find a way without',
  ),
]

const MAKES = new RegExp(
  `^create (?:or replace )?(?:unlogged )?(?:table|function|index|view) (?:if not exists )?${NAME}`,
  'i',
)

const MARK = /--\s*(contract|locks):\s*(.*)/g
/** A mark says enough when there is a reason in it; of a contract also the release since which nobody uses it. */
const says = (kind, text) => text.trim().length >= 15 && (kind !== 'contract' || /\bsince \d+\.\d+/.test(text))

/** Comments, dollar-quoted bodies, strings. */
const TOKEN = /--[^\n]*|\/\*.*?\*\/|\$(\w*)\$(.*?)\$\1\$|'(?:[^']|'')*'/gs
const newlines = (text) => text.replaceAll(/[^\n]/g, '')

/** Bodies of functions run later; those of DO run now, and are looked at as statements. Strings are nobody's SQL. */
const plain = (sql) =>
  sql.replaceAll(TOKEN, (token, _, body, offset) => {
    if (token.startsWith('--')) return token.replaceAll(';', ',')
    const runsNow = body !== undefined && /\bdo\s+$/i.test(sql.slice(Math.max(0, offset - 20), offset))
    return runsNow ? `;${plain(body).replaceAll(/\b(?:begin|then|else|loop)\b/gi, ';')}` : `''${newlines(token)}`
  })

/** Statements with the comments that stand before or in them, and the line on which each begins. */
const statementsOf = (text) => {
  const found = []
  let line = 1
  for (const part of plain(text).split(';')) {
    const lead = /^(?:\s|--[^\n]*)*/.exec(part)?.[0].length ?? 0
    const begins = line + (part.slice(0, lead).match(/\n/g) ?? []).length
    const sql = part
      .replaceAll(/--.*$/gm, ' ')
      .replaceAll(/\/\*.*?\*\//gs, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
    if (sql !== '')
      found.push({ line: begins, sql, marks: [...part.matchAll(MARK)].map(([, kind, says]) => ({ kind, says })) })
    line += (part.match(/\n/g) ?? []).length
  }
  return found
}

/**
 * What is wrong with a migration for those that run the release before it.
 *
 * @param {string} text of the file
 * @returns {{ line: number, problem: string }[]}
 */
export const problemsOf = (text) => {
  const statements = statementsOf(text)
  const own = new Set(statements.map(({ sql }) => MAKES.exec(sql)?.groups.table))
  return statements.flatMap(({ line, sql, marks }) =>
    RULES.flatMap(({ kind, what, pattern, instead }) => {
      const match = pattern.exec(sql)
      if (match === null || own.has(match.groups?.table ?? '')) return []
      const mark = marks.find((one) => one.kind === kind)
      if (mark === undefined) return [{ line, problem: `${what}: ${instead}; or say why not, in a line -- ${kind}: …` }]
      if (says(kind, mark.says)) return []
      const wanted =
        kind === 'contract' ? 'why, and since which release (since 0.3) nobody uses it' : 'why nobody waits'
      return [{ line, problem: `${what}: its mark -- ${kind}: must say ${wanted}` }]
    }),
  )
}
