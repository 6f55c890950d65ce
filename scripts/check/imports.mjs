/** One import of a file. `typeOnly`: it vanishes when types are stripped. `lazy`: `import()`, which loads later. */
/** @typedef {{ specifier: string, typeOnly: boolean, lazy: boolean, line: number }} Import */

/** Comments become blanks, so that an import inside one is none, and lines keep their numbers. Strings are kept. */
export const withoutComments = (source) =>
  source.replace(/(["'`])(?:\\[\s\S]|(?!\1)[^\\])*?\1|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match, quote) =>
    quote === undefined ? match.replace(/[^\n]/g, ' ') : match,
  )

// Between the keyword and `from` stand only names, braces, commas and stars: anything else is another statement.
const STATIC = /(?:^|[;\n])[ \t]*(?:import|export)\b(?<clause>[\w$*{},\s]*?\bfrom)?\s*(["'])(?<specifier>[^"'\n]+)\2/g
const LAZY = /\b(?:import|require)\s*\(\s*(["'])(?<specifier>[^"'\n]+)\1/g

/**
 * The imports of a file, without a parser: static imports and exports, `import()` and `require()` of literal names.
 * `import { type A }` is no type-only import: with `verbatimModuleSyntax` the module is still loaded.
 *
 * @param {string} source
 * @returns {Import[]}
 */
export const importsOf = (source) => {
  const code = withoutComments(source)
  const found = []
  for (const [pattern, lazy] of [
    [STATIC, false],
    [LAZY, true],
  ]) {
    for (const match of code.matchAll(pattern)) {
      const { clause = '', specifier } = match.groups
      const at = match.index + match[0].length
      found.push({
        specifier,
        lazy,
        typeOnly: /^\s*type\s+(?!from\b)/.test(clause),
        line: code.slice(0, at).split('\n').length,
      })
    }
  }
  return found
}
