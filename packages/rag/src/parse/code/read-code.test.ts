import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { sectionsOf } from '../sections.ts'
import { piecesOfCode } from './read-code.ts'
import { symbolOf } from './symbols.ts'

const outline = (text: string) =>
  [...piecesOfCode(text)].map(({ under, text: own }) => [under?.join(' › ') ?? '', own.split('\n')[0]])

describe('a definition', () => {
  test.each([
    ['export async function readAll<T>(path: string) {', 'readAll'],
    ['  def _parse(self, text):', '_parse'],
    ['class Reader(Base):', 'Reader'],
    ['func (r *Reader) Next() (Row, error) {', 'Next'],
    ['pub(crate) fn decode(bytes: &[u8]) -> String {', 'decode'],
    ['impl Reader for File {', 'Reader'],
    ['    private static int countWords(String text) throws IOException {', 'countWords'],
    ['static int parse(const char *text)', 'parse'],
    ['    suspend fun load(id: Long): Row {', 'load'],
    ['export const useRows = (id: string): Row[] => {', 'useRows'],
    ['  async next(step: number): Promise<void> {', 'next'],
    ['CREATE TABLE IF NOT EXISTS public.orders (', 'public.orders'],
    ['create or replace function touch() returns trigger', 'touch'],
    ['build_all() {', 'build_all'],
    ['[tool.ruff]', 'tool.ruff'],
    ['services:', 'services'],
    ['install: all', 'install'],
    ['  "scripts": {', 'scripts'],
    ['module Parsing', 'Parsing'],
  ])('is seen in %s', (line, name) => {
    expect(symbolOf(line)?.name).toBe(name)
  })

  test.each([
    '  if (a) {',
    'return parse(text)',
    '  for (const x of y) {',
    'foo(bar)',
    '  } else if (x) {',
    '    total = sum(rows)',
    'else:',
    'import x from "y"',
    '// class of its own',
    'default:',
  ])('is none in %s', (line) => {
    expect(symbolOf(line)).toBeNull()
  })
})

describe('source code', () => {
  test('is cut at definitions, with what is said over them', () => {
    expect(
      outline(
        `import os\n\n# Reads rows.\n@cached\nclass Reader:\n    """Doc."""\n\n    def next(self):\n        a = 1\n\n        # still inside\n        return a\n\n    # The other way.\n    def back(self):\n        pass\n\n\nif __name__ == "__main__":\n    run()\n`,
      ),
    ).toEqual([
      ['Reader', 'import os'],
      ['Reader › next', '    def next(self):'],
      ['Reader › back', '    # The other way.'],
      ['', 'if __name__ == "__main__":'],
    ])
  })

  test('keeps every line, and its margin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', '  x = 1', 'def f():', '\tclass A {', '}', '# note', 'key:', '    }'), {
          maxLength: 300,
        }),
        (lines) => {
          const kept = [...piecesOfCode(lines.join('\n'))]
            .flatMap(({ text }) => text.split('\n'))
            .filter((line) => line !== '')
          expect(kept).toEqual(lines.filter((line) => line !== '').map((line) => line.replaceAll('\t', '    ')))
        },
      ),
    )
  })

  test('of one endless paragraph, or line, is read all the same', { timeout: 60_000 }, () => {
    const pieces = [...piecesOfCode('1,2,3\n'.repeat(10_000))]
    expect(pieces).toHaveLength(50)
    expect([...sectionsOf(piecesOfCode('a b('.repeat(1_000_000)))].length).toBeGreaterThan(400)
  })
})
