import type { Citation, Conversation, Message } from '@quarry/contracts'
import { citation, conversation, message } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerAsHtml } from './answer-html.ts'
import { answerAsText } from './answer-text.ts'
import { conversationMarkdown, exportFileName } from './conversation-markdown.ts'
import { parseAnswer } from './markdown-tree.ts'
import { withNumbers } from './numbered-markers.ts'
import { shownMarkdown } from './shown-markdown.ts'

const ORIGIN = 'https://docs.example'
const id = (n: number) => `0190a8c0-0000-7000-8000-${String(n).padStart(12, '0')}`

const cite = (marker: number, given: Partial<Citation> = {}): Citation => ({
  ...citation.parse({
    id: id(marker),
    marker,
    documentId: id(100),
    versionId: id(200),
    document: 'hr/handbook.pdf',
    title: 'Handbook',
    ordinal: 3,
    page: 3,
    heading: 'Leave',
    span: { start: 10, end: 20 },
    quote: 'Twenty\nweeks.',
    verified: true,
  }),
  ...given,
})
const answer = (text: string, citations: Citation[] = [cite(1)], given: Partial<Message> = {}): Message => ({
  ...message.parse({
    id: id(2),
    conversationId: id(1),
    role: 'assistant',
    state: 'complete',
    text,
    citations,
    steps: [],
    abstained: false,
    model: 'm',
    failure: null,
    runId: null,
    timings: null,
    feedback: null,
    createdAt: '2026-11-23T12:00:00.000Z',
  }),
  ...given,
})
const question = (text: string): Message => ({ ...answer(text, []), role: 'user' })
const chat: Conversation = conversation.parse({
  id: id(1),
  title: 'Leave *now*',
  createdAt: '2026-11-23T12:00:00.000Z',
  updatedAt: '2026-11-23T12:00:00.000Z',
})
const all = () => true

describe('withNumbers', () => {
  it.each([
    ['a marker after its claim', 'Twenty weeks[^1].', 'Twenty weeks[1].'],
    ['neighbours', 'A [^1][^2]. B[^12]', 'A [1][2]. B[12]'],
    ['Chinese and Japanese', '二十週間です[^1]。以上[^2]', '二十週間です[1]。以上[2]'],
    ['brackets around it', 'See [[^1]] and [a [^2] b]', 'See [[1]] and [a [2] b]'],
    ['what would make it a link', 'A[^1](b c) and C[^1]: d', 'A\\[1\\](b c) and C\\[1\\]: d'],
    ['inline code', 'Call `a[^1]` now[^1]', 'Call `a[^1]` now[1]'],
    ['a fence', '```js\nx[^1]\n```\n\ny[^1]', '```js\nx[^1]\n```\n\ny[1]'],
    ['indented code', 'a\n\n    x[^1]\n\nb[^1]', 'a\n\n    x[^1]\n\nb[1]'],
    ['a table', '| a | b |\n|---|---|\n| 1[^1] | `[^1]` |', '| a | b |\n|---|---|\n| 1[1] | `[^1]` |'],
    ['lists and headings', '# H[^1]\n\n- **b**[^2]\n  1. c[^3]', '# H[1]\n\n- **b**[2]\n  1. c[3]'],
    ['an address', '[x](https://e.example/[^1])', '[x](https://e.example/[^1])'],
    ['what looks like a footnote', 'a[^1]\n\n[^1]: said again', 'a[1]\n\n\\[1\\]: said again'],
  ])('%s', (_, markdown, expected) => {
    expect(withNumbers(markdown, all)).toBe(expected)
  })

  it('leaves a number out that stands for nothing', () => {
    expect(withNumbers('A [^1] and B [^7].', (n) => n === 1)).toBe('A [1] and B.')
  })

  it('changes nothing but markers', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      '`',
      '```\n',
      '[',
      ']',
      '(',
      '*',
      '|',
      '# ',
      '- ',
      '会',
      '[^1]',
      '[^2]',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const markdown = pieces.join('')
        const numbered = withNumbers(markdown, all)
        expect(numbered.replaceAll(/\\?\[\^?([12])\\?\]/g, '<$1>')).toBe(markdown.replaceAll(/\[\^([12])\]/g, '<$1>'))
      }),
    )
  })
})

describe('shownMarkdown', () => {
  const kindsOf = (markdown: string): string[] => {
    const kinds: string[] = []
    const visit = (node: { type: string; children?: readonly object[] }): void => {
      kinds.push(node.type)
      for (const child of node.children ?? []) visit(child as typeof node)
    }
    visit(parseAnswer(markdown))
    return kinds
  }
  const HIDDEN = ['html', 'image', 'imageReference']

  it('has no picture and no HTML, however they are put together, and changes nothing where there is none', () => {
    const piece = fc.constantFrom(
      ...[
        '!',
        '[a]',
        '(https://e.example)',
        '<b>',
        '</b>',
        '<!--',
        '-->',
        '\\',
        '`',
        '\n\n',
        '[a]: https://e.example\n',
      ],
      ...['a', ' ', '!<b>[a](b)', '![', '](c)', '<img src=x>'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const markdown = pieces.join('')
        const shown = shownMarkdown(markdown)
        expect(kindsOf(shown).filter((kind) => HIDDEN.includes(kind))).toEqual([])
        expect(shownMarkdown(shown)).toBe(shown)
      }),
      { numRuns: 1000 },
    )
    const honest = '# A\n\n- **b** `<c>`\n\n| d |\n|---|\n| [e](https://e.example) |\n'
    expect(shownMarkdown(honest)).toBe(honest)
  })
})

describe('answerAsText', () => {
  it('has the text, the numbers and what they stand for', () => {
    const cited = [cite(2, { page: null, heading: null, document: 'b.md', title: 'b.md', verified: false }), cite(1)]
    expect(answerAsText(answer('Twenty weeks[^1], or so[^2].', cited), ORIGIN)).toBe(
      [
        'Twenty weeks[1], or so[2].',
        '',
        'Sources',
        '[1] Handbook, page 3, “Leave”, hr/handbook.pdf (verified)',
        '    “Twenty weeks.”',
        `    ${ORIGIN}/documents/${id(200)}/3?start=10&end=20`,
        '[2] b.md (not verified)',
        '    “Twenty weeks.”',
        `    ${ORIGIN}/documents/${id(200)}/3?start=10&end=20&unverified=1`,
      ].join('\n'),
    )
  })

  it('is the answer alone where nothing is cited', () => {
    expect(answerAsText(answer(' Nothing [^1] is known. ', []), ORIGIN)).toBe('Nothing is known.')
  })
})

describe('answerAsHtml', () => {
  it('has numbers that lead to the sources, and keeps code as it is', () => {
    const html = answerAsHtml(answer('**Twenty** weeks[^1], see `x[^1]`[^9].'), ORIGIN)
    const href = `${ORIGIN}/documents/${id(200)}/3?start=10&#x26;end=20`
    expect(html).toBe(
      `<p><strong>Twenty</strong> weeks<a href="${href}">[1]</a>, see <code>x[^1]</code>.</p>` +
        `<p>Sources</p><p>[1] <a href="${href}">Handbook</a>, page 3, “Leave”, hr/handbook.pdf (verified)<br>“Twenty weeks.”</p>`,
    )
  })

  it('takes nothing along that runs, loads or leads astray', () => {
    const html = answerAsHtml(
      answer(
        '<img src=x onerror=alert(1)><script>a</script> ![pic](https://e.example/p.png) [x](javascript:alert(1)) [y](https://e.example/) <https://f.example>',
        [cite(1, { title: '<b>"title"</b>', quote: '<script>q</script>' })],
      ),
      ORIGIN,
    )
    expect(html).not.toMatch(/<(?:img|script|b)\b|onerror|javascript:/)
    expect(html).toContain('pic x <a href="https://e.example/">y</a> <a href="https://f.example/">')
    expect(html).toContain('&#x3C;b>"title"&#x3C;/b>')
  })

  it('keeps lists, tables and their numbers', () => {
    const html = answerAsHtml(answer('3. c[^1]\n4. d\n\n| a |\n|--:|\n| 1 |', []), ORIGIN)
    expect(html).toContain('<ol start="3">')
    expect(html).toContain('<td align="right">1</td>')
  })
})

describe('conversationMarkdown', () => {
  const now = new Date('2026-11-23T13:00:00Z')

  it('has questions, answers and their sources', () => {
    const written = conversationMarkdown(
      chat,
      [question('How long?\n# really'), answer('Twenty weeks[^1].', [cite(1, { quote: 'a *b* [c]' })])],
      { origin: ORIGIN, now },
    )
    expect(written).toBe(
      `# Leave \\*now\\*

Exported from Quarry on 23 November 2026: <${ORIGIN}/chat/${id(1)}>

## Question

> How long?
> \\# really

## Answer

Twenty weeks[1].

### Sources

1. [Handbook](${ORIGIN}/documents/${id(200)}/3?start=10&end=20), page 3, “Leave”, hr/handbook.pdf (verified)
   > a \\*b\\* \\[c\\]
`,
    )
  })

  it('shows what it was given and lets none of it be more than text: no heading, picture, page code or hidden link', () => {
    const evil = 'a\n\n# b\n===\n![p](https://e.example/x.png) <img src=x> [l](javascript:x) ](https://e.example)'
    const text = [
      'Weeks[^1] ![seen](https://e.example/p.png?q=secret), [x](javascript:alert(1)), [y](https://e.example/), <b>now</b>.',
      '',
      '<img src=x onerror=alert(1)>',
      '',
      '!<b>[joined](https://e.example/j), ![r][pic] and [s][js], [js], `<b> ![c](d)`',
      '',
      '[pic]: https://e.example/r.png',
      '[js]: javascript:alert(1)',
      '',
    ].join('\n')
    const written = conversationMarkdown(
      { ...chat, title: evil },
      [question(`one\n${evil}`), answer(text, [cite(1, { title: evil, heading: evil, document: evil, quote: evil })])],
      { origin: ORIGIN, now },
    )
    const kinds = new Set<string>()
    const links: string[] = []
    const headings: number[] = []
    const visit = (node: { type: string; url?: string; depth?: number; children?: readonly object[] }): void => {
      kinds.add(node.type)
      if (node.type === 'link' || node.type === 'definition') links.push(node.url ?? '')
      if (node.type === 'heading') headings.push(node.depth ?? 0)
      for (const child of node.children ?? []) visit(child as typeof node)
    }
    visit(parseAnswer(written))
    for (const kind of ['html', 'image', 'imageReference', 'table']) expect([...kinds]).not.toContain(kind)
    expect(links.filter((url) => !url.startsWith(ORIGIN) && !url.startsWith('https://e.example'))).toEqual([])
    expect(headings).toEqual([1, 2, 2, 3])
    expect(written).toContain('`<b> ![c](d)`')
    expect(written).toContain('Weeks[1] seen, x, [y](https://e.example/), now.')
  })

  it('says how an answer ended that is not complete', () => {
    const written = conversationMarkdown(
      chat,
      [
        answer('Half', [], { state: 'stopped' }),
        answer('', [], { state: 'failed', failure: { code: 'x', message: 'It broke.', action: '', retryable: true } }),
        answer('Not there.', [], { abstained: true }),
      ],
      { origin: ORIGIN, now },
    )
    expect(written).toContain('Half\n\n_This answer was stopped before its end._')
    expect(written).toContain('## Answer\n\n_It broke._')
    expect(written).toContain('_Nothing in your documents answers this._\n\nNot there.')
  })
})

describe('exportFileName', () => {
  it.each([
    ['How long?', 'How long.md'],
    ['a/b\\c: "d" <e>|*', 'a b c d e.md'],
    ['..hidden..', 'hidden.md'],
    ['休暇は何週間？', '休暇は何週間？.md'],
    ['\u0007 ?', 'conversation.md'],
    ['NUL', 'conversation.md'],
    [`${'x'.repeat(79)}😀`, `${'x'.repeat(79)}.md`],
  ])('%s', (title, name) => {
    expect(exportFileName(title)).toBe(name)
  })
})
