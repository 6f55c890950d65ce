/** A line that names what the lines after it define. */
export interface Symbol {
  readonly name: string
  /** Columns before it: what it holds is indented deeper. */
  readonly indent: number
}

const MODIFIERS =
  '(?:(?:export|default|declare|public|private|protected|internal|static|final|abstract|sealed|partial|open|data|inline|' +
  'suspend|async|override|virtual|extern|unsafe|const|readonly|pub(?:\\([^)]*\\))?)\\s+)*'
/** Definitions by a word of their own, in some thirty languages. */
const BY_WORD = new RegExp(
  `^${MODIFIERS}(?:class|interface|trait|struct|enum|union|record|object|module|namespace|package|impl|protocol|extension|` +
    'type|def|defp|defmodule|defn|fn|func|fun|function\\*?|sub|proc|macro_rules!)\\s+(?:\\([^)]*\\)\\s*)?([\\p{L}_$][\\p{L}\\p{N}_$]*(?:(?:\\.|::)[\\p{L}\\p{N}_$]+)*)',
  'u',
)
const ARROW =
  /^(?:export\s+)?(?:const|let|var)\s+([\p{L}_$][\p{L}\p{N}_$]*)\s*(?::[^=]+)?=\s*(?:async\s+)?(?:function\b|(?:\([^()]*\)|[\w$]+)\s*(?::[^=]+)?=>)/u
/** `static int parse(const char *text) {`, also with the brace on the next line where it starts in the first column. */
const C_FUNCTION = /^[A-Za-z_][\w:<>,*&[\]\s]*[\s*&]([A-Za-z_~][\w:~]*)\s*\([^;{}]*\)[\w\s]*(\{?)$/u
const METHOD = /^(?:async\s+|static\s+|get\s+|set\s+|\*\s*|#)*([A-Za-z_$][\w$]*)\s*\([^;{}]*\)\s*(?::[^={}]+)?\{$/u
const SHELL_FUNCTION = /^([\w-]+)\s*\(\)\s*\{?$/u
const SQL =
  /^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+|unlogged\s+|materialized\s+|unique\s+)*(?:table|view|function|procedure|trigger|index|type|schema|policy)\s+(?:if\s+not\s+exists\s+|concurrently\s+)*([\w."]+)/iu
/** `[section]` of INI and TOML; `key:` of YAML and `target:` of Makefiles; `"key": {` of JSON. */
const SECTION = /^\[{1,2}([^[\]]+)\]{1,2}\s*(?:[;#].*)?$/u
const KEY = /^([\w.-]+):(?:\s|$)/u
const JSON_KEY = /^"([^"]{1,100})":\s*[[{]$/u

const STATEMENTS = new Set(
  'if for while switch catch else return do try with elif until unless foreach using lock new await yield throw case default'.split(
    ' ',
  ),
)

const ANYWHERE = [BY_WORD, ARROW, SQL, JSON_KEY]
const FIRST_COLUMN = [SHELL_FUNCTION, SECTION, KEY]

/** What a line defines; null for all others. Goes by the looks of the line alone, so that any language has some. */
export function symbolOf(line: string): Symbol | null {
  // A line of data may be a megabyte.
  if (line.length > 200) return null
  const code = line.trim()
  const indent = line.length - line.trimStart().length
  for (const pattern of indent === 0 ? [...ANYWHERE, ...FIRST_COLUMN] : ANYWHERE) {
    const name = pattern.exec(code)?.[1]
    if (name !== undefined && !STATEMENTS.has(name)) return { name: name.replaceAll('"', ''), indent }
  }
  const [, name, brace] = C_FUNCTION.exec(code) ?? []
  if (
    name !== undefined &&
    !STATEMENTS.has(code.split(/\W/u, 1)[0] ?? '') &&
    !STATEMENTS.has(name) &&
    (indent === 0 || brace === '{')
  )
    return { name, indent }
  const method = indent > 0 ? METHOD.exec(code)?.[1] : undefined
  return method === undefined || STATEMENTS.has(method) ? null : { name: method, indent }
}

/** The symbols around a line, as one goes down a file. */
export class Enclosing {
  #open: Symbol[] = []

  /** @returns the symbol that starts here. */
  enter(line: string): Symbol | null {
    const indent = line.length - line.trimStart().length
    const found = symbolOf(line)
    // A closing brace stands where its block started and still belongs to it.
    const isEnd = /^(?:[\])}]|end\b|fi\b|done\b|esac\b)/u.test(line.trim())
    this.#open = this.#open.filter((symbol) => symbol.indent < indent || (isEnd && symbol.indent === indent))
    if (found !== null) this.#open.push(found)
    return found
  }

  path(): string[] {
    return this.#open.map(({ name }) => name)
  }
}
