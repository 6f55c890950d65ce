import { sql } from 'drizzle-orm'
import { fixedText, type TenantTx } from '@quarry/db'
import { analyse } from '../analyse/analyse.ts'
import type { Configuration } from '../analyse/language.ts'
import { json, rowsOf } from './rows.ts'
import { WordMemory } from './word-memory.ts'

/** Some 200 bytes each. So many forms are 97 in 100 words of a text, in a few languages. */
const MOST_REMEMBERED = 30_000

const remembered = new WordMemory(MOST_REMEMBERED)

/**
 * What the index's own analysis makes of single words, each in all of the configurations: without positions, ascending.
 * Dictionaries do not change while a server runs, so that a process asks only for words that it has not met.
 *
 * @param words lower-case.
 */
export async function lexemesOf(
  tx: TenantTx,
  words: Iterable<string>,
  configurations: readonly Configuration[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = configurations.toSorted().join(' ')
  const found = new Map<string, readonly string[]>()
  const unknown: string[] = []
  for (const word of words) {
    const lexemes = remembered.get(all, word)
    if (lexemes === undefined) unknown.push(word)
    else found.set(word, lexemes)
  }
  for (const [word, lexemes] of await askFor(tx, unknown, configurations)) {
    found.set(word, lexemes)
    remembered.set(all, word, lexemes)
  }
  return found
}

async function askFor(
  tx: TenantTx,
  words: readonly string[],
  configurations: readonly Configuration[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>(words.map((word) => [word, []]))
  const separated = words.flatMap((word) => {
    const { rest } = analyse(word, 'simple')
    return rest.trim() === '' ? [] : [{ word, rest }]
  })
  if (separated.length === 0) return found
  const rows = await rowsOf<{ word: string; lexemes: string[] }>(
    tx,
    sql`select ${fixedText} w.word, json_agg(distinct l.lexeme order by l.lexeme) as lexemes
        from jsonb_to_recordset(${json(separated)}) as w(word text, rest text),
             jsonb_array_elements_text(${json(configurations)}) as c(configuration),
             unnest(tsvector_to_array(to_tsvector(c.configuration::regconfig, w.rest))) as l(lexeme)
        group by w.word`,
  )
  for (const { word, lexemes } of rows) found.set(word, lexemes)
  return found
}
