import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOfHtml } from './html-pieces.ts'

const pieces = (html: string) =>
  [...piecesOfHtml(html)].map(({ kind, level, text }) => (level === undefined ? [kind, text] : [kind, level, text]))

describe('piecesOfHtml', () => {
  test('reads a page as its reader sees it', () => {
    expect(
      pieces(
        '<!doctype html><html><head><title>No</title><style>p{}</style></head><body><h1>Leave&nbsp;<em>policy</em><a>¶</a></h1>' +
          '<p>You get\n <a href="x">30 days</a> of <b>paid</b>&shy; leave &amp; more.<br>Always.</p><script>no()</script>' +
          '<div hidden>no</div><div style="color:red; display: none">no<p>no</p></div><img alt="A plan">loose <div>text</div></body></html>',
      ),
    ).toEqual([
      ['heading', 1, 'Leave policy'],
      ['paragraph', 'You get 30 days of paid leave & more.\nAlways.'],
      ['paragraph', 'A plan loose'],
      ['paragraph', 'text'],
    ])
  })

  test('gives lists a line per item, nested ones indented', () => {
    expect(
      pieces(
        '<ul><li>One <ol start="3"><li>three<li>four</ol></li><li><p>Two</p><p>more</p></li></ul><dl><dt>Term<dd>What it is</dl>',
      ),
    ).toEqual([
      ['list', '- One\n  3. three\n  4. four\n- Two\n  more'],
      ['list', 'Term\n- What it is'],
    ])
  })

  test('gives a table a line per row, spans filled', () => {
    expect(
      pieces(
        '<table><caption>Prices</caption><thead><tr><th></th><th colspan=2>Price</th><th>Note</th></tr></thead>' +
          '<tr><td rowspan=2>Bolt</td><td>1 | 2</td><td><ul><li>a<li>b</ul></td><td></td></tr><tr><td>3<td>4<td>x</table>after',
      ),
    ).toEqual([
      ['paragraph', 'Prices'],
      ['table', '– | Price |  | Note\nBolt | 1|2 | - a - b\nBolt | 3 | 4 | x'],
      ['paragraph', 'after'],
    ])
  })

  test('reads tables that lay a page out cell by cell', () => {
    expect(
      pieces(
        '<table><tr><td>menu</td><td><h2>Title</h2><p>Text</p><table><tr><td>a<td>b<tr><td>c<td>d</table></td></tr></table>',
      ),
    ).toEqual([
      ['paragraph', 'menu'],
      ['heading', 2, 'Title'],
      ['paragraph', 'Text'],
      ['table', 'a | b\nc | d'],
    ])
  })

  test('keeps the lines of code, raises exponents, names formulas', () => {
    expect(
      pieces(
        '<pre>\n<code>if x:\n\treturn <b>1</b>\n</code></pre><p>10<sup>6</sup> H<sub>2</sub>O x<sup>[1]</sup></p>' +
          '<p><math alttext="a+b"><mi>a</mi></math> and <math><mi>c</mi><annotation>no</annotation></math></p>',
      ),
    ).toEqual([
      ['code', 'if x:\n    return 1'],
      ['paragraph', '10⁶ H2O x[1]'],
      ['paragraph', 'a+b and c'],
    ])
  })

  test('reads XHTML, where any element may end itself', () => {
    expect(
      pieces('<?xml version="1.0"?><html><head><title/><script src="x"/></head><body><p>a<br/>b</p></body></html>'),
    ).toEqual([['paragraph', 'a\nb']])
  })

  test('survives a hundred thousand levels, and titles that never end', { timeout: 60_000 }, () => {
    for (const tag of ['div', 'ul><li', 'blockquote', 'table><tr><td', 'b'])
      expect([...piecesOfHtml(`<${tag}>`.repeat(100_000) + 'deep')].map(({ text }) => text).join('')).toMatch(/deep$/u)
    expect(pieces(`<h1>${'word '.repeat(200)}`)[0]?.[0]).toBe('paragraph')
    expect(pieces('<pre>open')).toEqual([['code', 'open']])
  })

  test('repeats no tall cell without end', { timeout: 60_000 }, () => {
    const html = `<table><tr>${'<td rowspan=1000>some words in a cell</td>'.repeat(60)}</tr>${'<tr><td>x'.repeat(20_000)}</table>`
    const length = [...piecesOfHtml(html)].reduce((sum, { text }) => sum + text.length, 0)
    expect(length).toBeLessThan(6_000_000)
  })

  test('never throws, and loses no visible word', () => {
    const tag = fc.constantFrom(
      ...[
        '<p>',
        '</p>',
        '<div>',
        '</div>',
        '<table>',
        '</table>',
        '<tr>',
        '<td>',
        '</td>',
        '<th colspan=9>',
        '<ul>',
        '</ul>',
      ],
      ...[
        '<li>',
        '<ol>',
        '</ol>',
        '<h2>',
        '</h2>',
        '<pre>',
        '</pre>',
        '<br>',
        '<sup>',
        '</sup>',
        '<dl>',
        '<dd>',
        '<',
        '&amp',
        '\0',
      ],
    )
    let n = 0
    const word = fc.constant('w').map((w) => ` ${w}${n++ % 50}q `)
    fc.assert(
      fc.property(fc.array(fc.oneof(tag, word), { maxLength: 60 }), (parts) => {
        const html = parts.join('')
        const text = [...piecesOfHtml(html)].map((piece) => piece.text).join('\n')
        const visible = html.replace(/<\/?[a-z][^<>]*>/gu, ' ')
        expect(text.match(/w\d+q/gu)?.toSorted() ?? []).toEqual(visible.match(/w\d+q/gu)?.toSorted() ?? [])
      }),
      { numRuns: 300 },
    )
  })
})
