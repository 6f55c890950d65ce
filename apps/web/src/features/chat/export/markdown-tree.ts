import { gfm } from 'micromark-extension-gfm'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'

/** An answer as it is read on the screen: GitHub's Markdown, in which `[^1]` is our marker and no footnote. */
export const parseAnswer = (markdown: string) =>
  fromMarkdown(markdown, {
    extensions: [
      gfm(),
      { disable: { null: ['gfmFootnoteCall', 'gfmPotentialFootnoteCall', 'gfmFootnoteDefinition'] } },
    ],
    mdastExtensions: [gfmFromMarkdown()],
  })

export type AnswerTree = ReturnType<typeof parseAnswer>
